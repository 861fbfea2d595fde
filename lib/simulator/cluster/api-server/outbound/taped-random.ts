/** Chance that can be replayed: a request that is handled again gets the numbers that it got the first time. */
import { Random } from '../../../random';

export class TapedRandom extends Random {
  private tape: number[] | undefined;
  private position = 0;

  override uint32(): number {
    if (!this.tape) return super.uint32();
    if (this.position === this.tape.length) this.tape.push(super.uint32());
    return this.tape[this.position++]!;
  }

  /** Runs `work` with the numbers of `tape`; those that it needs beyond them are added to it. */
  replay<T>(tape: number[], work: () => T): T {
    const before = { tape: this.tape, position: this.position };
    this.tape = tape;
    this.position = 0;
    try {
      return work();
    } finally {
      this.tape = before.tape;
      this.position = before.position;
    }
  }
}
