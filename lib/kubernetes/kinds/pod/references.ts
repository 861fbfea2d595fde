/**
 * What containers may learn about their Pod: its fields and the resources of its containers.
 * https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
import type { ErrorList, Path } from '../../field-errors';
import { oneOf, requirePresent } from '../../validation/checks';
import { check, qualifiedName } from '../../validation/names';

/** Fields that an environment variable can show. */
export const ENVIRONMENT_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields that a file can show. */
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Fields that exist at all in the eyes of the downward API. */
const KNOWN = new Set([
  ...ENVIRONMENT_FIELDS,
  ...VOLUME_FIELDS,
  'metadata.name',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'spec.host',
]);

export function validateFieldReference(reference: any, fields: readonly string[], path: Path, errors: ErrorList): void {
  if (!requirePresent(reference.apiVersion, path.child('apiVersion'), errors)) return;
  if (!requirePresent(reference.fieldPath, path.child('fieldPath'), errors)) return;
  const { apiVersion, fieldPath } = reference;
  const problem = conversionProblem(apiVersion, fieldPath);
  if (problem) {
    errors.invalid(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${problem}`);
    return;
  }
  const subscripted = /^(.*)\['(.*)'\]$/.exec(fieldPath);
  if (!subscripted) {
    oneOf(fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath, fields, path.child('fieldPath'), errors);
    return;
  }
  const [, field, subscript] = subscripted as unknown as [string, string, string];
  if (field === 'metadata.annotations') {
    for (const message of qualifiedName(subscript.toLowerCase()))
      errors.invalid(path, subscript.toLowerCase(), message);
  } else if (field === 'metadata.labels') check(subscript, qualifiedName, path, errors);
  else errors.invalid(path, field, 'does not support subscript');
}

function conversionProblem(apiVersion: string, fieldPath: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  const subscripted = /^(.*)\['(.*)'\]$/.exec(fieldPath);
  if (subscripted) {
    const field = subscripted[1]!;
    if (field === 'metadata.annotations' || field === 'metadata.labels') return undefined;
    return `field label does not support subscript: ${fieldPath}`;
  }
  return KNOWN.has(fieldPath) ? undefined : `field label not supported: ${fieldPath}`;
}

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const HUGE_PAGES = /^(limits|requests)\.hugepages-/;
const SIZES = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

export function validateResourceReference(
  reference: any,
  path: Path,
  errors: ErrorList,
  options: { readonly volume: boolean },
): void {
  const { containerName, resource = '', divisor } = reference;
  if (options.volume && !containerName) errors.required(path.child('containerName'));
  else if (!resource) errors.required(path.child('resource'));
  else if (!HUGE_PAGES.test(resource)) oneOf(resource, RESOURCES, path.child('resource'), errors);
  if (divisor === undefined || divisor === '0') return;
  const only = (values: readonly string[], what: string) => {
    if (values.includes(divisor)) return;
    const list = values.length === 2 ? '1m and 1' : values.join(', ');
    errors.invalid(
      path.child('divisor'),
      resource,
      `only divisor's values ${list} are supported with the ${what} resource`,
    );
  };
  if (resource.endsWith('.cpu')) only(['1m', '1'], 'cpu');
  else if (resource.endsWith('.memory')) only(SIZES, 'memory');
  else if (resource.endsWith('.ephemeral-storage')) only(SIZES, 'local ephemeral storage');
  else if (HUGE_PAGES.test(resource)) only(SIZES, 'hugepages');
}
