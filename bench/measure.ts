/** CPU time, wall time and memory of a piece of work; and one row of what a bench says. */
import { parseArgs } from 'node:util';

export interface Cost {
  /** Seconds of CPU of this process: on a shared machine the wall says more about the neighbours. */
  readonly cpu: number;
  readonly wall: number;
}

export function measure(work: () => void): Cost {
  const [before, started] = [process.cpuUsage(), process.hrtime.bigint()];
  work();
  return costSince(before, started);
}

export async function measureAsync(work: () => Promise<void>): Promise<Cost> {
  const [before, started] = [process.cpuUsage(), process.hrtime.bigint()];
  await work();
  return costSince(before, started);
}

function costSince(before: NodeJS.CpuUsage, started: bigint): Cost {
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall: Number(process.hrtime.bigint() - started) / 1e9 };
}

/** Megabytes in use after a collection; needs --expose-gc. */
export function heapMb(): number {
  global.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

export const residentMb = (): number => Math.round(process.memoryUsage().rss / 1e6);

export type Row = Readonly<Record<string, string | number>>;

/** Two significant digits say enough of a measurement. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** Prints rows as a table, or as JSON lines with `--json`. */
export function print(title: string, rows: readonly Row[]): void {
  if (process.argv.includes('--json')) {
    for (const row of rows) process.stdout.write(`${JSON.stringify({ bench: title, ...row })}\n`);
    return;
  }
  process.stdout.write(`\n${title}\n`);
  for (const row of rows) {
    const cells = Object.entries(row).map(([name, value]) => `${name} ${value}`);
    process.stdout.write(`  ${cells.join('   ')}\n`);
  }
}

/** `--count 1000` and the like, with their defaults. */
export function numbers<T extends Record<string, number>>(defaults: T): T {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options: { ...options, json: { type: 'boolean' } } });
  const read = Object.entries(defaults).map(([name, value]) => [
    name,
    Number((values as Record<string, unknown>)[name] ?? value),
  ]);
  return Object.fromEntries(read) as T;
}
