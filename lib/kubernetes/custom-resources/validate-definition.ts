/**
 * The rules for a CustomResourceDefinition.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
 */
import { type ErrorList, Path, type Printed } from '../field-errors';
import { isObject } from '../merge/json';
import type { KubernetesObject } from '../object';
import { givenEmpty } from '../schema/go-form';
import { printInternalList } from '../validation/internal-form';
import { dns1035Label, dnsSubdomain } from '../validation/names';
import { IMMUTABLE } from '../validation/object-meta';
import type { DefinitionVersion, PrinterColumn, ScaleSubresource } from './definition';
import { validateRootSchema } from './validate-structural';

export function validateDefinition(object: KubernetesObject, errors: ErrorList): void {
  const { spec = {}, status = {}, metadata } = object;
  const { names = {}, group = '' } = spec;
  if (metadata.name !== `${names.plural ?? ''}.${group}`) {
    errors.invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group');
  }
  validateSpec(spec, errors);
  validateNames(status.acceptedNames ?? {}, 'status.acceptedNames', errors);
  validateStoredVersions(status.storedVersions, spec.versions ?? [], errors);
  validateApproval(object, errors);
}

export function validateDefinitionUpdate(next: KubernetesObject, old: KubernetesObject, errors: ErrorList): void {
  validateSpec(next.spec, errors);
  const isEstablished = old.status?.conditions?.some(
    (condition: any) => condition.type === 'Established' && condition.status === 'True',
  );
  const keep = (path: string, read: (spec: any) => unknown) => {
    const value = read(next.spec);
    if (value !== read(old.spec)) errors.invalid(path, value, IMMUTABLE);
  };
  if (isEstablished) {
    keep('spec.scope', ({ scope }) => scope);
    keep('spec.names.kind', ({ names }) => names?.kind);
  }
  keep('spec.group', ({ group }) => group);
  keep('spec.names.plural', ({ names }) => names?.plural);
  validateNames(next.status?.acceptedNames ?? {}, 'status.acceptedNames', errors);
  validateStoredVersions(next.status?.storedVersions, next.spec.versions ?? [], errors);
}

function validateSpec(spec: any, errors: ErrorList): void {
  const { group, scope, names = {} } = spec;
  const versions: readonly DefinitionVersion[] = spec.versions ?? [];
  if (!group) errors.required('spec.group');
  else {
    const problems = dnsSubdomain(group);
    if (problems.length > 0) errors.invalid('spec.group', group, problems.join(','));
    else if (!group.includes('.')) errors.invalid('spec.group', group, 'should be a domain with at least one dot');
  }
  if (!scope) errors.required('spec.scope');
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.notSupported('spec.scope', scope, ['Cluster', 'Namespaced']);
  if (spec.preserveUnknownFields === true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.invalid('spec.preserveUnknownFields', true, detail);
  }
  for (const [i, version] of versions.entries()) {
    if (!version.schema?.openAPIV3Schema) errors.required(`spec.versions[${i}].schema.openAPIV3Schema`);
  }
  for (const [i, version] of versions.entries()) {
    validateVersion(version, `spec.versions[${i}]`, errors);
  }
  validateVersions(spec, errors);
  for (const name of ['plural', 'singular', 'kind', 'listKind'])
    if (!names[name]) errors.required(`spec.names.${name}`);
  validateNames(names, 'spec.names', errors);
  validateConversion(spec.conversion, errors);
}

function validateVersion(version: DefinitionVersion, path: string, errors: ErrorList): void {
  const problems = dns1035Label(version.name ?? '');
  if (problems.length > 0) errors.invalid(`${path}.name`, version.name ?? '', problems.join(','));
  if (version.deprecationWarning !== undefined && !version.deprecated) {
    errors.invalid(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions');
  }
  const schema = version.schema?.openAPIV3Schema;
  if (schema) {
    const schemaPath = `${path}.schema.openAPIV3Schema`;
    if (version.subresources?.status !== undefined && schema.type !== 'object') {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      if (schema.type) errors.invalid(`${schemaPath}.type`, schema.type, detail);
    }
    validateRootSchema(schema, schemaPath, errors);
  }
  if (version.subresources?.scale) validateScale(version.subresources.scale, `${path}.subresources.scale`, errors);
  for (const [i, column] of (version.additionalPrinterColumns ?? []).entries()) {
    validateColumn(column, `${path}.additionalPrinterColumns[${i}]`, errors);
  }
}

/** The server's own structs; an empty list and none are two things. */
const shownVersions = (spec: any): Printed =>
  printInternalList(
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion',
    spec.versions ?? givenEmpty(spec, 'versions'),
  );

function validateVersions(spec: any, errors: ErrorList): void {
  const versions: readonly DefinitionVersion[] = spec.versions ?? [];
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.invalid('spec.versions', shownVersions(spec), 'must contain unique version names');
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.invalid('spec.versions', shownVersions(spec), 'must have exactly one version marked as storage version');
  }
  const first = versions[0]?.name;
  if (first === undefined) return;
  const problems = dns1035Label(first);
  // The server also keeps the first version under an old name, and complains about that, too.
  if (problems.length > 0) errors.invalid('spec.version', first, problems.join(','));
}

function validateNames(names: any, path: string, errors: ErrorList): void {
  const check = (value: string | undefined, step: string, mixedCase: boolean) => {
    if (!value && !step.includes('[')) return;
    const problems = dns1035Label(mixedCase ? value!.toLowerCase() : value!);
    if (problems.length === 0) return;
    const prefix = mixedCase ? 'may have mixed case, but should otherwise match: ' : '';
    errors.invalid(`${path}.${step}`, value, prefix + problems.join(','));
  };
  check(names.plural, 'plural', false);
  check(names.singular, 'singular', false);
  check(names.kind, 'kind', true);
  check(names.listKind, 'listKind', true);
  for (const [i, name] of (names.shortNames ?? []).entries()) check(name, `shortNames[${i}]`, false);
  if (names.kind && names.kind === names.listKind) {
    errors.invalid(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same');
  }
  for (const [i, name] of (names.categories ?? []).entries()) check(name, `categories[${i}]`, false);
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function validateColumn(column: PrinterColumn, path: string, errors: ErrorList): void {
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!column.name) errors.required(`${path}.name`);
  if (!column.type) errors.required(`${path}.type`, types);
  else if (!COLUMN_TYPES.includes(column.type)) errors.invalid(`${path}.type`, column.type, types);
  if (column.format && !COLUMN_FORMATS.includes(column.format)) {
    errors.invalid(`${path}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`);
  }
  if (!column.jsonPath) errors.required(`${path}.JSONPath`);
  else validateJsonPath(column.jsonPath, `${path}.JSONPath`, errors);
}

/** @returns whether it is fine */
function validateJsonPath(text: string, path: string, errors: ErrorList): boolean {
  if (text.startsWith('.')) return true;
  errors.invalid(path, text, 'must be a simple json path starting with .');
  return false;
}

function validateScale(scale: ScaleSubresource, path: string, errors: ErrorList): void {
  const check = (field: 'specReplicasPath' | 'statusReplicasPath', root: string) => {
    const value = scale[field];
    if (!value) errors.required(`${path}.${field}`);
    else if (validateJsonPath(value, `${path}.${field}`, errors) && !value.startsWith(`${root}.`)) {
      errors.invalid(`${path}.${field}`, value, `should be a json path under ${root}`);
    }
  };
  check('specReplicasPath', '.spec');
  check('statusReplicasPath', '.status');
  const selector = scale.labelSelectorPath;
  if (
    selector &&
    validateJsonPath(selector, `${path}.labelSelectorPath`, errors) &&
    !/^\.(spec|status)\./.test(selector)
  ) {
    errors.invalid(`${path}.labelSelectorPath`, selector, 'should be a json path under either .spec or .status');
  }
}

function validateConversion(conversion: any, errors: ErrorList): void {
  if (!isObject(conversion)) return;
  const { strategy, webhook } = conversion as { strategy?: string; webhook?: any };
  const path = 'spec.conversion';
  if (!strategy) errors.required(`${path}.strategy`);
  else if (strategy !== 'None' && strategy !== 'Webhook')
    errors.notSupported(`${path}.strategy`, strategy, ['None', 'Webhook']);
  if (strategy === 'Webhook') {
    if (!webhook?.clientConfig) {
      errors.required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook');
    } else if (!webhook.clientConfig.url === !webhook.clientConfig.service) {
      errors.required(`${path}.webhookClientConfig`, 'exactly one of url or service is required');
    }
    if (!webhook?.conversionReviewVersions?.length) errors.required(`${path}.conversionReviewVersions`);
  } else if (webhook?.clientConfig) {
    errors.forbidden(`${path}.webhookClientConfig`, 'should not be set when strategy is not set to Webhook');
  }
}

function validateStoredVersions(
  stored: readonly string[] | null | undefined,
  versions: readonly DefinitionVersion[],
  errors: ErrorList,
): void {
  const path = Path.root('status').child('storedVersions');
  if (!stored?.length) {
    errors.invalid(path, null, 'must have at least one stored version');
    return;
  }
  for (const { name, storage } of versions) {
    if (storage && !stored.includes(name)) errors.invalid(path, stored, `must have the storage version ${name}`);
  }
  stored.forEach((name, i) => {
    if (versions.some((version) => version.name === name)) return;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.invalid(path.index(i), name, detail);
  });
}

const APPROVAL = 'api-approved.kubernetes.io';

/** Groups of the project itself are protected. */
function validateApproval({ spec = {}, metadata }: KubernetesObject, errors: ErrorList): void {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group ?? '')) return;
  const value = metadata.annotations?.[APPROVAL];
  const path = `metadata.annotations[${APPROVAL}]`;
  if (!value) {
    errors.required(
      path,
      'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    );
  } else if (!value.startsWith('unapproved') && !/^https?:\/\/[^/]+/.test(value)) {
    errors.invalid(
      path,
      value,
      'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    );
  }
}
