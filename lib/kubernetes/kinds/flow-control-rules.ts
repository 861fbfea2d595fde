/**
 * What FlowSchemas and PriorityLevelConfigurations may say.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
import { type ErrorList, type Path, Printed, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { requireName, requirePresent } from '../validation/checks';
import { check, dnsLabel, dnsSubdomain } from '../validation/names';

const SPEC = root('spec');
const MAX_PRECEDENCE = 10_000;
const RESOURCE_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const OTHER_VERBS = ['connect', 'delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'];

export function validateFlowSchema({ metadata, spec = {}, status }: KubernetesObject, errors: ErrorList): void {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration: level, rules } = spec;
  const at = SPEC.child('matchingPrecedence');
  if (precedence <= 0) errors.invalid(at, precedence, 'must be a positive value');
  if (precedence > MAX_PRECEDENCE) errors.invalid(at, precedence, `must not be greater than ${MAX_PRECEDENCE}`);
  if (precedence === 1 && metadata.name !== 'exempt') {
    errors.invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
  }
  if (distinguisherMethod) validateDistinguisher(distinguisherMethod, errors);
  const name = SPEC.child('priorityLevelConfiguration').child('name');
  if (requirePresent(level?.name, name, errors, 'must reference a priority level')) {
    check(level.name, dnsSubdomain, name, errors);
  }
  rules?.forEach((rule: any, i: number) => {
    validatePolicyRule(rule ?? {}, SPEC.child('rules').index(i), errors);
  });
  validateLevelStatus({ status }, errors);
}

function validateDistinguisher({ type = '' }: any, errors: ErrorList): void {
  if (type === 'ByUser' || type === 'ByNamespace') return;
  // The message shows the whole struct.
  const shown = new Printed(JSON.stringify({ Type: type }));
  errors.notSupported(SPEC.child('distinguisherMethod').child('type'), shown, ['ByNamespace', 'ByUser']);
}

/** Conditions have a type, and each only once; for both kinds. */
export function validateLevelStatus(
  { status }: { readonly status?: any; readonly kind?: string },
  errors: ErrorList,
): void {
  const seen = new Set<string>();
  status?.conditions?.forEach(({ type = '' }: any, i: number) => {
    const at = root('status').child('conditions').index(i).child('type');
    if (seen.has(type)) errors.duplicate(at, type);
    seen.add(type);
    requirePresent(type, at, errors, 'must not be empty');
  });
}

const NO_RULES = 'at least one of resourceRules and nonResourceRules has to be non-empty';

function validatePolicyRule({ subjects, resourceRules, nonResourceRules }: any, path: Path, errors: ErrorList): void {
  requirePresent(subjects, path.child('subjects'), errors, 'subjects must contain at least one value');
  subjects?.forEach((subject: any, i: number) => {
    validateSubject(subject ?? {}, path.child('subjects').index(i), errors);
  });
  if (!resourceRules?.length && !nonResourceRules?.length) errors.required(path, NO_RULES);
  resourceRules?.forEach((rule: any, i: number) => {
    validateResourceRule(rule ?? {}, path.child('resourceRules').index(i), errors);
  });
  nonResourceRules?.forEach((rule: any, i: number) => {
    validateNonResourceRule(rule ?? {}, path.child('nonResourceRules').index(i), errors);
  });
}

/** Kind of a subject -> the field that names it. */
const subjectFields: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceAccount',
  User: 'user',
  Group: 'group',
};

function validateSubject(subject: any, path: Path, errors: ErrorList): void {
  const { kind = '' } = subject;
  const own = subjectFields[kind];
  if (!own) {
    errors.notSupported(path.child('kind'), kind, ['Group', 'ServiceAccount', 'User']);
    return;
  }
  const named = subject[own];
  if (!named) errors.required(path.child(own), `${own} is required when subject kind is '${kind}'`);
  else if (kind === 'ServiceAccount') validateAccount(named, path.child(own), errors);
  else requirePresent(named.name, path.child(own).child('name'), errors);
  for (const [other, field] of Object.entries(subjectFields)) {
    if (field !== own && subject[field]) {
      errors.forbidden(path.child(field), `${field} is forbidden when subject kind is not '${other}'`);
    }
  }
}

function validateAccount({ name, namespace }: any, path: Path, errors: ErrorList): void {
  if (name !== '*') requireName(name, dnsSubdomain, path.child('name'), errors);
  const at = path.child('namespace');
  if (requirePresent(namespace, at, errors, 'must specify namespace for service account')) {
    check(namespace, dnsLabel, at, errors);
  }
}

/** `*` stands alone. Answers whether there is more to look at. */
function isList(words: readonly string[] | undefined, missing: string, others: string, path: Path, errors: ErrorList) {
  if (!requirePresent(words, path, errors, missing)) return false;
  if (!words!.includes('*')) return true;
  if (words!.length > 1) errors.invalid(path, words, `if '*' is present, must not specify other ${others}`);
  return false;
}

function validateVerbs(verbs: string[] | undefined, supported: readonly string[], path: Path, errors: ErrorList): void {
  if (!isList(verbs, 'verbs must contain at least one value', 'verbs', path, errors)) return;
  // Whichever verbs a rule may name, the message lists those of resources.
  if (!verbs!.every((verb) => supported.includes(verb))) errors.notSupported(path, verbs, RESOURCE_VERBS);
}

function validateResourceRule(rule: any, path: Path, errors: ErrorList): void {
  validateVerbs(rule.verbs, RESOURCE_VERBS, path.child('verbs'), errors);
  const missing = (what: string) => `resource rules must supply at least one ${what}`;
  isList(rule.apiGroups, missing('api group'), 'api groups', path.child('apiGroups'), errors);
  isList(rule.resources, missing('resource'), 'resources', path.child('resources'), errors);
  const at = path.child('namespaces');
  if (!rule.namespaces?.length) {
    const text = 'resource rules that are not cluster scoped must supply at least one namespace';
    if (!rule.clusterScope) errors.required(at, text);
    return;
  }
  if (!isList(rule.namespaces, '', 'namespaces', at, errors)) return;
  rule.namespaces.forEach((namespace: string, i: number) => {
    for (const message of dnsLabel(namespace)) {
      errors.invalid(at.index(i), namespace, `each member of this list must be '*' or a DNS-1123 label; ${message}`);
    }
  });
}

function validateNonResourceRule({ verbs, nonResourceURLs }: any, path: Path, errors: ErrorList): void {
  validateVerbs(verbs, OTHER_VERBS, path.child('verbs'), errors);
  const at = path.child('nonResourceURLs');
  if (!isList(nonResourceURLs, 'nonResourceURLs must contain at least one value', 'non-resource URLs', at, errors))
    return;
  nonResourceURLs.forEach((url: string, i: number) => {
    const problem = urlProblem(url);
    if (problem) errors.invalid(at.index(i), url, problem);
  });
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/' || url === '*') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  if (stars === 0 || (stars === 1 && url.endsWith('/*'))) return undefined;
  return 'wildcard can only do suffix matching';
}
