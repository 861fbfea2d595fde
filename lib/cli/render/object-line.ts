/** How the events of the apply engine look: one line an event, in kubectl's spelling of objects. */
import type { ApplyEvent } from '../../apply';
import { type Change, formatPlan, formatRef } from '../../apply';
import { formatDuration } from '../../clock';
import type { Style } from './style';

/** The lines of an event; none for what is not worth one. */
export function describeObjectEvent(event: ApplyEvent, style: Style): string[] {
  switch (event.type) {
    case 'planned':
      return formatPlan(event.plan)
        .split('\n')
        .map((line) => `  ${line}`);
    case 'applied':
      return event.outcome === 'unchanged' ? [] : [`  ${style.good('✓')} ${nameOf(event.change)} ${event.outcome}`];
    case 'waiting':
      return [`  ${style.dim('…')} ${nameOf(event.change)} ${event.readiness.message}`];
    case 'ready': {
      if (event.elapsedMs === 0) return [];
      return [`  ${style.good('✓')} ${nameOf(event.change)} ready ${style.dim(`${event.readiness.message}`)}`];
    }
    case 'failed': {
      const hint = event.refusal.hint ? [`      ${event.refusal.hint}`] : [];
      return [`  ${style.bad('✗')} ${nameOf(event.change)} ${event.refusal.message}`, ...hint];
    }
    case 'skipped':
      return [`  ${style.bad('-')} ${nameOf(event.change)} skipped, because ${nameOf(event.because)} failed`];
    case 'warning':
      return [`  ${style.bad('!')} ${event.message}`];
    default:
      return [];
  }
}

/** Keeps the rows of a live block; returns whether the event needs nothing more than its row. */
export function liveObjectRow(rows: Map<string, string>, event: ApplyEvent, style: Style): boolean {
  switch (event.type) {
    case 'waiting': {
      const since = formatDuration(event.elapsedMs).padStart(6);
      rows.set(
        event.change.key,
        `  ${style.accent('⠿')} ${nameOf(event.change)}  ${since}  ${event.readiness.message}`,
      );
      return true;
    }
    case 'started':
      return true;
    case 'ready':
    case 'failed':
      rows.delete(event.change.key);
      return false;
    default:
      return false;
  }
}

function nameOf({ ref }: Change): string {
  return ref.namespace && ref.namespace !== 'default' ? `${formatRef(ref)} -n ${ref.namespace}` : formatRef(ref);
}
