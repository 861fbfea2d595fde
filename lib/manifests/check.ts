/**
 * The door to validation. It is loaded on the first use: the schemas and validators of the API server are most of this library, and a
 * program that only writes YAML needs none of them.
 */
import type { IConstruct } from 'constructs';
import type { KubernetesObject } from '../kubernetes/object';
import type { Finding } from './validation/finding';
import type { ValidateOptions } from './validation/validate';

const validation = () => require('./validation/validate') as typeof import('./validation/validate');

/**
 * Everything that can be known to be wrong with an application before a cluster has seen it.
 * @param app an App, a Chart, or objects from anywhere
 * @returns errors before warnings before advice, and each in the order of the objects
 * @throws UserError when the app cannot be synthesised at all (two objects of one name, a circle of dependencies)
 */
export function validate(app: IConstruct | readonly KubernetesObject[], options: ValidateOptions = {}): Finding[] {
  return validation().validate(app, options);
}

/** For people: what, where and how to mend it. */
export function describeFinding(finding: Finding): string {
  return validation().describeFinding(finding);
}

/** @throws UserError that tells all errors at once; warnings are no reason. */
export function refuseErrors(findings: readonly Finding[]): void {
  validation().refuseErrors(findings);
}
