/** User CPU time by phase. Wall time says more about the neighbours of a shared machine than about the program. */
export class Stopwatch {
  private last = process.cpuUsage().user;
  readonly phases: Record<string, number> = {};

  /** Ends a phase: what was used since the one before. */
  lap(phase: string): void {
    const now = process.cpuUsage().user;
    this.phases[phase] = (now - this.last) / 1000;
    this.last = now;
  }
}

/** One run of one variant; `output` is compared with what the others wrote. */
export interface Run {
  readonly phases: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly peakMb: number;
}

export type Shape = 'one-chart' | 'chart-per-app' | 'chain';

export const report = (stopwatch: Stopwatch, output: string): void => {
  const run: Run = {
    phases: stopwatch.phases,
    bytes: output.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(run));
};
