/**
 * PodSecurity: namespaces choose by label how much their pods may ask for.
 * https://kubernetes.io/docs/concepts/security/pod-security-admission/
 *
 * Pods that ask for more are refused (`enforce`) or warned of (`warn`); templates are only warned of. Turning `enforce` up
 * warns of the pods that are already there. Left out: `audit`, which only writes to an audit log; exemptions.
 */
import { semanticEqual } from '../../../../kubernetes/equality';
import { throwIfInvalid } from '../../../../kubernetes/field-errors';
import type { KubernetesObject } from '../../../../kubernetes/object';
import {
  isStricter,
  type Policy,
  policiesOf,
  policyText,
  validateLabels,
  violationsOf,
  violationText,
} from '../../../../kubernetes/pod-security/levels';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

/** Where the pod of a template stands. */
const TEMPLATES: Readonly<Record<string, (object: any) => any>> = {
  replicationcontrollers: ({ spec }) => spec.template,
  podtemplates: ({ template }) => template,
  'replicasets.apps': ({ spec }) => spec.template,
  'deployments.apps': ({ spec }) => spec.template,
  'statefulsets.apps': ({ spec }) => spec.template,
  'daemonsets.apps': ({ spec }) => spec.template,
  'jobs.batch': ({ spec }) => spec.template,
  'cronjobs.batch': ({ spec }) => spec.jobTemplate.spec.template,
};

export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  handles: ['CREATE', 'UPDATE'],
  validate(attributes, context) {
    const { resource, subresource } = attributes;
    if (resource.collection === 'namespaces' && subresource === '') checkNamespace(attributes, context);
    else if (resource.collection === 'pods') checkPod(attributes, context);
    else if (subresource === '' && TEMPLATES[resource.collection]) checkTemplate(attributes, context);
  },
};

function checkPod(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const { subresource, object, oldObject, resource, warn } = attributes;
  if (subresource !== '' && subresource !== 'ephemeralcontainers') return;
  if (oldObject && subresource === '' && !isSignificant(object!, oldObject)) return;
  const { enforce, warn: warned } = policiesHere(attributes, context);
  const pod = object as any;
  const violations = violationsOf(enforce, pod);
  if (violations.length > 0) {
    const cause = `violates PodSecurity "${policyText(enforce)}": ${violationText(violations)}`;
    throw forbidden(resource, pod.metadata.name ?? '', cause);
  }
  warnOf(warned, pod, warn);
}

function checkTemplate(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const { resource, object, oldObject, warn } = attributes;
  const templateOf = TEMPLATES[resource.collection]!;
  const template = templateOf(object);
  if (!template?.spec || (oldObject && semanticEqual(template, templateOf(oldObject)))) return;
  warnOf(policiesHere(attributes, context).warn, template, warn);
}

function policiesHere({ namespace }: AdmissionAttributes, { store }: AdmissionContext) {
  return policiesOf(store.get('namespaces', undefined, namespace)?.metadata.labels);
}

function warnOf(policy: Policy, pod: { metadata: any; spec: any }, warn: (text: string) => void): void {
  const violations = violationsOf(policy, pod);
  if (violations.length === 0) return;
  warn(`would violate PodSecurity "${policyText(policy)}": ${violationText(violations)}`);
}

/** Fields that say nothing about security may change in pods that are there already. */
function isSignificant(next: any, old: KubernetesObject): boolean {
  const bare = ({ spec }: any) => {
    const { activeDeadlineSeconds, tolerations, ...rest } = spec;
    return rest;
  };
  return !semanticEqual(bare(next), bare(old));
}

function checkNamespace({ object, oldObject, warn }: AdmissionAttributes, { store }: AdmissionContext): void {
  const { name, labels } = object!.metadata;
  const errors = validateLabels(labels);
  if (oldObject === undefined || validateLabels(oldObject.metadata.labels).errors.length === 0) {
    throwIfInvalid({ group: '', kind: 'Namespace' }, name ?? '', errors);
  }
  if (!oldObject) return;
  const { enforce } = policiesOf(labels);
  const before = policiesOf(oldObject.metadata.labels).enforce;
  if (!isStricter(enforce, before) && (enforce.level !== before.level || enforce.version === before.version)) return;
  const podsByText = new Map<string, string[]>();
  for (const pod of store.sorted('pods', name)) {
    const text = violationsOf(enforce, pod as any)
      .map(({ reason }) => reason)
      .join(', ');
    if (text !== '') podsByText.set(text, [...(podsByText.get(text) ?? []), pod.metadata.name!]);
  }
  if (podsByText.size === 0) return;
  warn(`existing pods in namespace "${name}" violate the new PodSecurity enforce level "${policyText(enforce)}"`);
  const lines = [...podsByText].map(([text, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` (and ${others.length} other pod${others.length === 1 ? '' : 's'})`;
    return `${first}${more}: ${text}`;
  });
  for (const line of lines.sort()) warn(line);
}
