/** Append-only lines for logs and pipes: one line for each thing that happens, in the order in which it happens. */
import { formatDuration } from '../../clock';
import type { EnvironmentEvent } from '../../environment/events';
import { describeObjectEvent } from './object-line';
import type { OutputStream, Renderer } from './renderer';
import { colourless, type Style } from './style';

export function plainRenderer(stream: OutputStream): Renderer {
  const starts = new Map<string, number>();
  return {
    show: (event) => {
      for (const line of linesOf(event, starts, colourless)) stream.write(`${line}\n`);
    },
    close: () => {},
  };
}

const PHASE_TITLES: Record<string, string> = {
  cloud: 'Cloud',
  stacks: 'Stacks',
  objects: 'Objects',
  proof: 'Proof',
  teardown: 'Teardown',
  verify: 'Verify',
};

export const phaseTitle = (phase: string): string => (PHASE_TITLES[phase] ?? phase).padEnd(9);

/** The lines that tell of an event; shared with the terminal renderer for what it prints once and for all. */
export function linesOf(event: EnvironmentEvent, starts: Map<string, number>, style: Style): string[] {
  switch (event.type) {
    case 'phase':
      return [`${style.bold(phaseTitle(event.phase))} ${event.message}`];
    case 'phase-done':
      return [
        `${style.bold(phaseTitle(event.phase))} ${mark(event.ok, style)} ${event.message}${durations(event, style)}`,
      ];
    case 'stack-resource': {
      if (!starts.has(event.stack)) starts.set(event.stack, event.time);
      const since = formatDuration(event.time - starts.get(event.stack)!).padStart(7);
      const what = event.logicalId === event.stack ? event.stack : `${event.stack}/${event.logicalId}`;
      const line = `  ${style.dim(`+${since}`)}  ${event.status.padEnd(18)}  ${event.resourceType}  ${what}`;
      const failed = event.status.endsWith('FAILED');
      return [event.reason ? `${line}  ${failed ? style.bad(event.reason) : style.dim(event.reason)}` : line];
    }
    case 'stack-done': {
      starts.delete(event.stack);
      const took = event.outcome === 'unchanged' ? '' : `  ${formatDuration(event.cloudMs)}`;
      return [`  ${style.good('✓')} stack/${event.stack} ${event.outcome}${took}`];
    }
    case 'object':
      return describeObjectEvent(event.event, style);
    case 'proof': {
      const host = event.host ? ` (Host: ${event.host})` : '';
      const mark = event.status === 200 ? style.good('✓') : style.bad('✗');
      return [`  ${mark} GET ${event.url}${host} → ${event.status} ${event.answer}`];
    }
    case 'check': {
      const mark = event.left.length === 0 ? style.good('✓') : style.bad('✗');
      const found = event.left.length === 0 ? 'none left' : `${event.left.length} left: ${event.left.join(', ')}`;
      return [`  ${mark} ${event.what.padEnd(22)} ${found.padEnd(12)} ${style.dim(event.call)}`];
    }
    case 'note':
      return [event.level === 'warning' ? `  ${style.bad('!')} ${event.message}` : `  ${event.message}`];
    case 'result': {
      const lines = ['', `${event.ok ? style.good('✓') : style.bad('✗')} ${style.bold(event.message)}`];
      const width = Math.max(0, ...event.next.map((next) => next.command.length));
      for (const next of event.next)
        lines.push(`    ${style.accent(next.command.padEnd(width))}   ${style.dim(next.why)}`);
      return lines;
    }
  }
}

const mark = (ok: boolean, style: Style): string => (ok ? style.good('✓') : style.bad('✗'));

function durations(event: { readonly cloudMs?: number; readonly wallMs: number }, style: Style): string {
  const wall = `${formatDuration(event.wallMs)}`;
  if (event.cloudMs === undefined) return style.dim(` (${wall})`);
  return style.dim(` (${formatDuration(event.cloudMs)} of cloud time in ${wall})`);
}
