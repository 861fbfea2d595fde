/** A rule: one question to an application as a whole, and the answers it does not like. */
import type { KubernetesObject } from '../../kubernetes/object';
import type { AppModel } from './app-model';
import type { Severity } from './finding';

export interface Answer {
  /** @default the rule's own */
  readonly severity?: Severity;
  readonly message: string;
  readonly field?: string;
  readonly fix?: string;
}

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** The page of the real documentation that one would read about it. */
  readonly see: string;
  /** One sentence for the documentation: what the rule wants, and what happens otherwise. */
  readonly about: string;
  readonly check: (app: AppModel, report: (object: KubernetesObject, answer: Answer) => void) => void;
}
