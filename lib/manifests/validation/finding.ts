/** One thing that is wrong with an application, told so that the reader can mend it without looking anything up. */
import type { Origin } from '../origin';

/**
 * `error`: the API server refuses it, or it cannot work whatever else is in the cluster. `warning`: it works only with
 * something that is not in the application, or hardly as it was meant. `advice`: it works, and is regretted later; told only to
 * those who ask.
 */
export type Severity = 'error' | 'warning' | 'advice';

export interface Finding {
  /** Stable and greppable, e.g. `service-selects-nothing`; explained in docs/rules.md. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Where in the object, e.g. `spec.template.spec.containers[0].image`. */
  readonly field?: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
  };
  /** The construct and the line of the program that made the object; absent for objects made elsewhere. */
  readonly origin?: Origin;
}
