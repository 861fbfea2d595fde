/**
 * The standard input of a program: text that is there already, or that somebody still types.
 *
 * A program that wants more than there is yields Infinity, as one that sleeps for ever; whoever writes to the input wakes it.
 */
import type { Program } from '../image-behaviour';

export class StandardInput {
  private text: string;
  private over: boolean;
  /** The program waits for what is written next. */
  isAwaited = false;

  private constructor(text: string, over: boolean) {
    this.text = text;
    this.over = over;
  }

  /** All of it is known. */
  static of(text: string): StandardInput {
    return new StandardInput(text, true);
  }

  /** More comes until {@link end} is called. */
  static open(): StandardInput {
    return new StandardInput('', false);
  }

  get ended(): boolean {
    return this.over && this.text === '';
  }

  write(text: string): void {
    if (!this.over) this.text += text;
  }

  end(): void {
    this.over = true;
  }

  /** What a `read` of the kernel gives: whatever there is; empty at the end. */
  *chunk(): Generator<number, string, void> {
    while (this.text === '' && !this.over) yield* this.more();
    return this.take(this.text.length);
  }

  /** Everything up to the end. */
  *all(): Generator<number, string, void> {
    while (!this.over) yield* this.more();
    return this.take(this.text.length);
  }

  /** The next line with its newline; undefined at the end. The last line may lack the newline. */
  *line(): Generator<number, string | undefined, void> {
    let end = this.text.indexOf('\n');
    while (end < 0 && !this.over) {
      yield* this.more();
      end = this.text.indexOf('\n');
    }
    if (this.text === '') return undefined;
    return this.take(end < 0 ? this.text.length : end + 1);
  }

  private take(length: number): string {
    const taken = this.text.slice(0, length);
    this.text = this.text.slice(length);
    return taken;
  }

  private *more(): Generator<number, void, void> {
    this.isAwaited = true;
    yield Number.POSITIVE_INFINITY;
    this.isAwaited = false;
  }
}

/** Goes on with a program whenever it may: when it has slept, and when its input has more for it. */
export class ProgramRunner {
  private cancelSleep: (() => void) | undefined;
  private over = false;

  /** @param after calls back in so many milliseconds; the returned function cancels. */
  constructor(
    private readonly program: Program,
    private readonly input: StandardInput,
    private readonly after: (ms: number, callback: () => void) => () => void,
    private readonly exited: (code: number) => void,
  ) {}

  /** Runs until it sleeps, waits or ends. */
  step(): void {
    if (!this.over) this.handle(this.program.next());
  }

  /** ^C: a program that does not handle it ends, a shell asks for the next command. */
  interrupt(signal: Error): void {
    if (this.over) return;
    this.cancelSleep?.();
    this.handle(this.program.throw(signal));
  }

  private handle({ done, value }: IteratorResult<number, number>): void {
    if (done) {
      this.over = true;
      this.exited(value);
    } else if (value !== Number.POSITIVE_INFINITY) {
      this.cancelSleep = this.after(Math.max(1, value), () => this.step());
    }
  }

  /** The input has more, or has ended. */
  wake(): void {
    if (this.input.isAwaited) this.step();
  }

  stop(): void {
    this.over = true;
    this.cancelSleep?.();
  }
}
