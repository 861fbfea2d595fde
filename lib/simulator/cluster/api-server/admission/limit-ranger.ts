/**
 * LimitRanger: what containers, pods and claims of a namespace ask for when they say nothing, and how much they may.
 * https://kubernetes.io/docs/concepts/policy/limit-range/
 *
 * Containers without requests or limits get the defaults; then minimum, maximum and the ratio of limit to request are checked.
 * A pod as a whole asks for what its containers ask for together, or for its largest init container.
 */
import type { Draft } from '../../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { compareQuantities, parseQuantity } from '../../../../kubernetes/quantity';
import { forbidden } from '../../../../kubernetes/status-error';
import { podResources } from '../../quota-usage';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

const ANNOTATION = 'kubernetes.io/limit-ranger';
type Amounts = Readonly<Record<string, string>>;

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: ['CREATE', 'UPDATE'],
  admit(attributes, context) {
    if (attributes.operation !== 'CREATE' || !isPod(attributes)) return;
    for (const range of rangesOf(attributes, context)) applyDefaults(attributes.object!, range);
  },
  validate(attributes, context) {
    const { resource, object } = attributes;
    const isClaim = resource.collection === 'persistentvolumeclaims' && attributes.subresource === '';
    // Pods cannot change what they ask for but by resize.
    const isNewPod = isPod(attributes) && attributes.operation === 'CREATE';
    const isResized = resource.collection === 'pods' && attributes.subresource === 'resize';
    if (!isClaim && !isNewPod && !isResized) return;
    for (const range of rangesOf(attributes, context)) {
      const problems = isClaim ? claimProblems(object!, range) : podProblems(object!, range);
      if (problems.length === 0) continue;
      const cause = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`;
      throw forbidden(resource, object!.metadata.name ?? '', cause);
    }
  },
};

const isPod = ({ resource, subresource }: AdmissionAttributes) => resource.collection === 'pods' && subresource === '';

const rangesOf = ({ namespace }: AdmissionAttributes, { store }: AdmissionContext): readonly KubernetesObject[] =>
  store.count('limitranges', namespace) === 0 ? [] : store.sorted('limitranges', namespace);

function applyDefaults(pod: Draft, { spec }: KubernetesObject): void {
  const limits: Record<string, string> = {};
  const requests: Record<string, string> = {};
  for (const item of spec.limits ?? []) {
    if (item.type !== 'Container') continue;
    Object.assign(limits, item.default);
    Object.assign(requests, item.defaultRequest);
  }
  const texts: string[] = [];
  const visit = (containers: readonly Draft[] | undefined, what: string) => {
    for (const container of containers ?? []) {
      container.resources ??= {};
      const { resources } = container;
      const where = `for ${what} ${container.name}`;
      // A default request yields to a limit that the container names itself: requests then follow limits.
      const asked = fill(resources, 'requests', requests);
      if (asked.length > 0) texts.push(`${asked.join(', ')} request ${where}`);
      const limited = fill(resources, 'limits', limits);
      if (limited.length > 0) texts.push(`${limited.join(', ')} limit ${where}`);
    }
  };
  visit(pod.spec.containers, 'container');
  visit(pod.spec.initContainers, 'init container');
  if (texts.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${texts.join('; ')}`,
  };
}

/** @returns the names that were set, sorted */
function fill(resources: Draft, field: 'requests' | 'limits', defaults: Amounts): string[] {
  const missing = Object.keys(defaults).filter((name) => resources[field]?.[name] === undefined);
  if (missing.length === 0) return [];
  resources[field] = { ...resources[field], ...Object.fromEntries(missing.map((name) => [name, defaults[name]])) };
  return missing.sort();
}

function podProblems(pod: Draft, { spec }: KubernetesObject): string[] {
  const problems: string[] = [];
  for (const limit of spec.limits ?? []) {
    if (limit.type === 'Container') {
      for (const { resources = {} } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
        problems.push(...problemsOf(limit, resources.requests ?? {}, resources.limits ?? {}));
      }
    } else if (limit.type === 'Pod') {
      problems.push(...problemsOf(limit, totals(pod, 'requests'), totals(pod, 'limits')));
    }
  }
  return problems;
}

const totals = (pod: Draft, kind: 'requests' | 'limits'): Amounts =>
  Object.fromEntries(Object.entries(podResources(pod.spec, kind)).map(([name, { text }]) => [name, text]));

function claimProblems(claim: Draft, { spec }: KubernetesObject): string[] {
  const asked: Amounts = claim.spec.resources?.requests ?? {};
  return (spec.limits ?? [])
    .filter(({ type }: any) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }: any) => [
      ...each(min, (name, least) => tooLittle(type, name, least, asked)),
      ...each(max, (name, most) => {
        if (asked[name] === undefined || compare(asked[name], most) <= 0) return undefined;
        return `maximum ${name} usage per ${type} is ${most}, but request is ${asked[name]}`;
      }),
    ]);
}

function problemsOf(limit: Draft, requests: Amounts, limits: Amounts): string[] {
  const { type, min, max, maxLimitRequestRatio } = limit as any;
  return [
    ...each(min, (name, least) => {
      const problem = tooLittle(type, name, least, requests);
      if (problem) return problem;
      if (limits[name] === undefined || compare(limits[name], least) >= 0) return undefined;
      return `minimum ${name} usage per ${type} is ${least}, but limit is ${limits[name]}`;
    }),
    ...each(max, (name, most) => {
      const start = `maximum ${name} usage per ${type} is ${most}`;
      if (limits[name] === undefined) return `${start}.  No limit is specified`;
      if (compare(limits[name], most) > 0) return `${start}, but limit is ${limits[name]}`;
      const request = requests[name];
      return request !== undefined && compare(request, most) > 0 ? `${start}, but request is ${request}` : undefined;
    }),
    ...each(maxLimitRequestRatio, (name, ratio) => ratioProblem(type, name, { ratio, requests, limits })),
  ];
}

function tooLittle(type: string, name: string, least: string, requests: Amounts): string | undefined {
  const start = `minimum ${name} usage per ${type} is ${least}`;
  if (requests[name] === undefined) return `${start}.  No request is specified`;
  return compare(requests[name], least) < 0 ? `${start}, but request is ${requests[name]}` : undefined;
}

interface Ratio {
  readonly ratio: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Limit 2, request 100m: 20.000000 */
function ratioProblem(type: string, name: string, { ratio, requests, limits }: Ratio): string | undefined {
  const start = `${name} max limit to request ratio per ${type} is ${ratio}, but`;
  const request = Number(parseQuantity(requests[name] ?? '0').nano);
  const limit = Number(parseQuantity(limits[name] ?? '0').nano);
  if (request === 0) return `${start} no request is specified or request is 0`;
  if (limit === 0) return `${start} no limit is specified or limit is 0`;
  const observed = limit / request;
  return observed > Number(parseQuantity(ratio).nano) / 1e9
    ? `${start} provided ratio is ${observed.toFixed(6)}`
    : undefined;
}

const compare = (a: string, b: string) => compareQuantities(parseQuantity(a), parseQuantity(b));

/** By name, so that the answer is the same every time. */
function each(amounts: Amounts | undefined, check: (name: string, amount: string) => string | undefined): string[] {
  return Object.entries(amounts ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => check(name, amount))
    .filter((problem) => problem !== undefined);
}
