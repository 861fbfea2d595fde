/**
 * Values that exist only after the stacks are deployed, in manifests: role ARNs, endpoints, repository addresses. `synth` shows them as
 * they are written, `up` and `diff` put in what CloudFormation says. Where the value must be known before (names, namespaces, labels),
 * validation refuses them.
 */
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { fillIn, referencesIn, referenceText, type StackOutputReference } from '../stack-output';
import { inheritOrigin } from './synthesis';

/**
 * The output of a stack, as a text that may stand alone or inside of another one.
 * @param stack the stack's name in CloudFormation
 * @param output the output's logical id, e.g. of `new CfnOutput(stack, 'ReaderRoleArn', { value: role.roleArn })`
 * @throws UserError for names that CloudFormation does not allow
 * @example account.assumeRole(stackOutput('shop-storage', 'ReaderRoleArn'));
 * @example image: `${stackOutput('shop-images', 'RepositoryUri')}:1.4.2`
 */
export function stackOutput(stack: string, output: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack)) {
    throw new UserError(
      'BadStackName',
      `"${stack}" cannot be the name of a stack`,
      'Letters, digits and hyphens, a letter first.',
    );
  }
  if (!/^[A-Za-z0-9]{1,255}$/.test(output)) {
    throw new UserError('BadOutputName', `"${output}" cannot be the name of an output`, 'Letters and digits only.');
  }
  return referenceText({ stack, output });
}

/** One use of an output. */
export interface LateValue extends StackOutputReference {
  readonly object: KubernetesObject;
  /** `spec.template.spec.containers[0].image` */
  readonly field: string;
}

/** Every use of an output in these objects. */
export function lateValuesIn(objects: readonly KubernetesObject[]): LateValue[] {
  const found: LateValue[] = [];
  for (const object of objects) {
    eachText(object, '', (text, field) => {
      for (const reference of referencesIn(text)) found.push({ ...reference, object, field });
    });
  }
  return found;
}

/**
 * The objects with the values of outputs in their places. Objects without any are the very same ones.
 * @throws UserError that names all outputs which are not known, and who uses them
 */
export function resolveLateValues(
  objects: readonly KubernetesObject[],
  lookUp: (reference: StackOutputReference) => string | undefined,
): readonly KubernetesObject[] {
  const missing = lateValuesIn(objects).filter((use) => lookUp(use) === undefined);
  if (missing.length > 0) throw unknownOutputs(missing);
  return objects.map((object) => {
    const resolved = mapTexts(object, (text) => fillIn(text, lookUp));
    if (resolved !== object) inheritOrigin(resolved, object);
    return resolved;
  });
}

function unknownOutputs(missing: readonly LateValue[]): UserError {
  const lines = missing.map(
    ({ stack, output, object, field }) =>
      `${object.kind} "${object.metadata.name}" uses output ${output} of stack ${stack} in ${field}`,
  );
  return new UserError(
    'NoSuchOutput',
    `the manifests use outputs that no deployed stack has:\n${lines.join('\n')}`,
    'Add the CfnOutput to the stack, or correct the names.',
  );
}

function eachText(value: unknown, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) eachText(item, `${path}[${index}]`, visit);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      visit(key, `${path}[${key}]`);
      eachText(item, path === '' ? key : `${path}.${key}`, visit);
    }
  }
}

/** The same value when no text changes. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => mapTexts(item, change));
    return items.some((item, index) => item !== value[index]) ? (items as T) : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    const changed = mapTexts(item, change);
    if (changed === item) continue;
    copy ??= { ...(value as Record<string, unknown>) };
    copy[key] = changed;
  }
  return (copy ?? value) as T;
}
