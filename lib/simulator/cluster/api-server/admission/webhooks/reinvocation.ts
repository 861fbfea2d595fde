/**
 * What a mutating webhook changes may matter to those that were asked before it: they are asked once more, when they want to.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 *
 * The plugins of the server always run again after a change; a webhook only with `reinvocationPolicy: IfNeeded`, and only if
 * it was asked in the first round.
 */
export class Reinvocation {
  /** In the second and last round. */
  isAgain = false;
  /** Something changed the object after others had seen it. */
  isNeeded = false;
  private willing: string[] = NOBODY;
  private due: string[] = NOBODY;
  private lastOutput: string | undefined;

  /** @param webhook `configuration/name` */
  wants(webhook: string): boolean {
    return !this.isAgain || this.due.includes(webhook);
  }

  asked(webhook: string, isWilling: boolean): void {
    if (isWilling) this.willing = [...this.willing, webhook];
  }

  changed(): void {
    this.isNeeded = true;
    this.allAreDue();
  }

  /** In the second round: did the server's own plugins change what the webhooks had left behind? */
  begin(object: unknown): void {
    if (this.isAgain && JSON.stringify(object) !== this.lastOutput) this.allAreDue();
  }

  end(object: unknown): void {
    if (this.isNeeded && !this.isAgain) this.lastOutput = JSON.stringify(object);
  }

  private allAreDue(): void {
    this.due = [...this.due, ...this.willing];
    this.willing = NOBODY;
  }
}

const NOBODY: string[] = [];
