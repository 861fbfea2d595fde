/**
 * A mistake the person in front of drydock can mend. It says what failed, why, and what to do; the command line prints
 * it without a stack trace and exits with 1. Everything else that is thrown is a bug of ours and shows its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    /** Stable and greppable, e.g. `PortInUse`. */
    readonly code: string,
    message: string,
    /** What to do about it, as an order: `Choose another port with --port.` */
    readonly hint?: string,
  ) {
    super(message);
  }
}
