/**
 * What a container has written. Lines of a start are only made when somebody reads them, so that the logs of a hundred
 * thousand pods nobody looks at cost nothing.
 * https://kubernetes.io/docs/concepts/cluster-administration/logging/
 *
 * Kept are the last 10,000 lines (a real node rotates at 10 MiB).
 */

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly stream: 'stdout' | 'stderr';
  /** Without its newline, unless `partial`. */
  readonly text: string;
  /** The line was not ended. */
  readonly partial?: boolean;
}

const LIMIT = 10_000;

export interface LogFollower {
  written(line: LogLine): void;
  ended(): void;
}

/** Who writes the log. */
interface LogSource {
  readonly startedAt: number;
  openingLines(): readonly string[];
}

export class ContainerLog {
  private lines: LogLine[] | undefined;
  private followers: Set<LogFollower> | undefined;
  private over = false;

  constructor(private readonly source: LogSource) {}

  get ended(): boolean {
    return this.over;
  }

  write(time: number, stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    const parts = text.split('\n');
    const partial = parts[parts.length - 1] !== '';
    if (!partial) parts.pop();
    const lines = this.materialize();
    parts.forEach((part, i) => {
      const line: LogLine = { time, stream, text: part, ...(partial && i === parts.length - 1 ? { partial } : {}) };
      lines.push(line);
      for (const follower of this.followers ?? []) follower.written(line);
    });
    if (lines.length > LIMIT * 1.1) lines.splice(0, lines.length - LIMIT);
  }

  read(): readonly LogLine[] {
    return this.materialize();
  }

  follow(follower: LogFollower): () => void {
    if (this.over) {
      follower.ended();
      return () => {};
    }
    this.followers ??= new Set();
    this.followers.add(follower);
    return () => this.followers!.delete(follower);
  }

  end(): void {
    this.over = true;
    for (const follower of this.followers ?? []) follower.ended();
    this.followers = undefined;
  }

  private materialize(): LogLine[] {
    if (!this.lines) {
      const { startedAt: time } = this.source;
      this.lines = this.source.openingLines().map((text): LogLine => ({ time, stream: 'stdout', text }));
    }
    return this.lines;
  }
}
