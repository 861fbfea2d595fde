/**
 * RuntimeClass: what running a Pod costs besides its containers, and which nodes can run it, come from its class.
 * https://kubernetes.io/docs/concepts/containers/runtime-class/
 */
import { semanticEqual } from '../../../../kubernetes/equality';
import type { KubernetesObject } from '../../../../kubernetes/object';
import { forbidden } from '../../../../kubernetes/status-error';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from './admission';

const isPod = ({ resource, subresource }: AdmissionAttributes) => resource.collection === 'pods' && subresource === '';

export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: ['CREATE'],
  admit(attributes, context) {
    if (!isPod(attributes)) return;
    const found = classOf(attributes, context);
    const { spec } = attributes.object!;
    if (found?.overhead) {
      if (spec.overhead && !semanticEqual(spec.overhead, found.overhead.podFixed)) throw mismatch(attributes);
      if (found.overhead.podFixed) spec.overhead = { ...found.overhead.podFixed };
    }
    if (found?.scheduling) applyScheduling(attributes, found.scheduling);
  },
  validate(attributes, context) {
    if (!isPod(attributes)) return;
    const { overhead } = attributes.object!.spec;
    const wanted = classOf(attributes, context)?.overhead;
    if (wanted && !semanticEqual(wanted.podFixed ?? null, overhead ?? null)) throw mismatch(attributes);
    if (!wanted && overhead) {
      throw refuse(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    }
  },
};

const refuse = ({ resource, object }: AdmissionAttributes, cause: string) =>
  forbidden(resource, object!.metadata.name ?? '', cause);

const mismatch = (attributes: AdmissionAttributes) =>
  refuse(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");

function classOf(attributes: AdmissionAttributes, { store }: AdmissionContext): KubernetesObject | undefined {
  const name = attributes.object!.spec.runtimeClassName;
  if (name === undefined) return undefined;
  const found = store.get('runtimeclasses.node.k8s.io', undefined, name);
  if (!found) throw refuse(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

function applyScheduling(attributes: AdmissionAttributes, { nodeSelector, tolerations }: any): void {
  const { spec } = attributes.object!;
  for (const [key, value] of Object.entries<string>(nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`;
      throw refuse(attributes, `conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${own}`);
    }
  }
  if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  if (tolerations) spec.tolerations = mergeTolerations([...(spec.tolerations ?? []), ...tolerations]);
}

/** Each once, and none that another one covers. */
function mergeTolerations(all: readonly any[]): any[] {
  const kept: any[] = [];
  all.forEach((toleration, i) => {
    const isCovered = (other: any, j: number) =>
      i !== j && covers(other, toleration) && (j < i || !covers(toleration, other));
    if (!all.some(isCovered)) kept.push(structuredClone(toleration));
  });
  return kept;
}

/** Whether whatever `b` tolerates is tolerated by `a`, too. */
function covers(a: any, b: any): boolean {
  if (semanticEqual(a, b)) return true;
  if (a.key && a.key !== b.key) return false;
  if (a.effect && a.effect !== b.effect) return false;
  if (a.effect === 'NoExecute' && a.tolerationSeconds !== undefined) {
    if (b.tolerationSeconds === undefined || a.tolerationSeconds < b.tolerationSeconds) return false;
  }
  return a.operator === 'Exists' || (a.key !== undefined && b.operator !== 'Exists' && a.value === b.value);
}
