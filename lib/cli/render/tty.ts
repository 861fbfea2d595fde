/**
 * Live progress in a terminal: finished things are printed once and scroll up; what is going on stands in a block at the
 * bottom that is drawn again, one row for each stack or object, with its reason and how long it has been at it.
 */
import { formatDuration } from '../../clock';
import type { EnvironmentEvent, StackResourceEvent } from '../../environment/events';
import { liveObjectRow } from './object-line';
import { linesOf } from './plain';
import type { OutputStream, Renderer } from './renderer';
import { coloured, colourless, type Style, truncate } from './style';

const REDRAW_EVERY_MS = 80;

interface StackRow {
  readonly started: number;
  readonly inProgress: Map<string, string>;
  last: StackResourceEvent;
}

export interface TtyOptions {
  /** @default true */
  readonly colour?: boolean;
  /** Calls back later, for redrawing; returns a function that stops it. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

export function ttyRenderer(stream: OutputStream, options: TtyOptions): Renderer {
  const style = options.colour === false ? colourless : coloured;
  const starts = new Map<string, number>();
  const stacks = new Map<string, StackRow>();
  const objects = new Map<string, string>();
  let drawn = 0;
  let dirty = false;

  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    dirty = false;
    const width = (stream.columns || 80) - 1;
    const most = Math.max(3, (stream.rows || 24) - 4);
    const rows = [...[...stacks].map(([name, row]) => stackRow(name, row, style)), ...objects.values()];
    const shown = rows.slice(0, most);
    if (rows.length > most) shown.push(`  … and ${rows.length - most} more`);
    erase();
    for (const row of shown) stream.write(`${truncate(row, width)}\n`);
    drawn = shown.length;
  };
  const print = (event: EnvironmentEvent) => {
    erase();
    for (const line of linesOf(event, starts, style)) stream.write(`${line}\n`);
    draw();
  };
  const stop = options.every(REDRAW_EVERY_MS, () => {
    if (dirty) draw();
  });

  return {
    show: (event) => {
      if (event.type === 'stack-resource' && !event.status.endsWith('FAILED')) {
        trackStack(stacks, event);
        dirty = true;
      } else if (event.type === 'object' && liveObjectRow(objects, event.event, style)) {
        dirty = true;
      } else {
        if (event.type === 'stack-done') stacks.delete(event.stack);
        if (event.type === 'phase-done' || event.type === 'result') {
          stacks.clear();
          objects.clear();
        }
        print(event);
      }
    },
    close: () => {
      stop();
      if (dirty) draw();
    },
  };
}

function trackStack(stacks: Map<string, StackRow>, event: StackResourceEvent): void {
  let row = stacks.get(event.stack);
  if (!row) {
    row = { started: event.time, inProgress: new Map(), last: event };
    stacks.set(event.stack, row);
  }
  row.last = event;
  if (event.logicalId === event.stack) return;
  if (event.status.endsWith('IN_PROGRESS')) row.inProgress.set(event.logicalId, event.resourceType);
  else row.inProgress.delete(event.logicalId);
}

function stackRow(name: string, row: StackRow, style: Style): string {
  const { last } = row;
  const count = last.total === undefined ? '' : `${last.completed}/${last.total}`;
  const kinds = [...new Set([...row.inProgress.values()].map((type) => type.replace('AWS::', '')))];
  const since = formatDuration(last.time - row.started).padStart(6);
  return `  ${style.accent('⠿')} stack/${name}  ${count}  ${since}  ${kinds.join(', ')}`;
}
