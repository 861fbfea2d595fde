/**
 * Pods: containers that live and die together. https://kubernetes.io/docs/concepts/workloads/pods/
 *
 * A new Pod is Pending. Afterwards little of its spec may change (images, deadlines, gates, more tolerations), see
 * `update-rules.ts`; resources change through `resize`, debugging containers are added through `ephemeralcontainers`.
 */
import { semanticEqual } from '../../equality';
import type { KubernetesObject } from '../../object';
import { defineKind, restore } from '../define-kind';
import type { Draft } from '../kind-definition';
import { applyPodDefaults, dropStopSignals } from './defaults';
import { mergeMatchLabelKeys } from './match-label-keys';
import { qosClassOf } from './quality-of-service';
import { validateNewPod } from './rules';
import { podCells } from './status-cells';
import { validatePodStatusUpdate } from './status-rules';
import { keepOnlyResize, validateEphemeralContainersUpdate, validateResize } from './subresource-rules';
import { validatePodUpdate } from './update-rules';
import { podWarnings } from './warnings';

function newStatus(pod: Draft): unknown {
  return {
    phase: 'Pending',
    ...(pod.spec?.schedulingGates?.length ? { conditions: [schedulingGated(pod)] } : {}),
    qosClass: qosClassOf(pod.spec ?? {}),
  };
}

const schedulingGated = (pod: Draft) => ({
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: pod.metadata.creationTimestamp ?? null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
});

/** Every change through these endpoints is a change of the spec; so each counts in the generation. */
function countGeneration(next: Draft, old: KubernetesObject): void {
  if (!semanticEqual(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** Labels and the like do not change on the way; the version to be written and who owns what do. */
function keepMetadata(next: Draft, old: KubernetesObject): void {
  const { resourceVersion, managedFields } = next.metadata;
  next.metadata = { ...old.metadata, resourceVersion, managedFields };
}

export const pod = defineKind({
  apiVersion: 'v1',
  kind: 'Pod',
  resource: 'pods',
  dropDisabledFields: ({ spec }) => dropStopSignals(spec),
  defaults: applyPodDefaults,
  generation: 'spec',
  status: {
    initial: newStatus,
    prepare: (next, old) => {
      // Old kubelets corrupt these.
      if (old.metadata.ownerReferences === undefined) delete next.metadata.ownerReferences;
      else next.metadata.ownerReferences = old.metadata.ownerReferences;
      delete next.metadata.deletionTimestamp;
      if (old.metadata.deletionTimestamp) next.metadata.deletionTimestamp = old.metadata.deletionTimestamp;
      // The class of service never changes.
      if (next.status && !next.status.qosClass) next.status.qosClass = qosClassOf(next.spec);
    },
    validate: validatePodStatusUpdate,
  },
  prepareForCreate: (draft) => {
    mergeMatchLabelKeys(draft);
    // A Pod that should end before it is asked to gets one second.
    if (draft.spec.terminationGracePeriodSeconds < 0) draft.spec.terminationGracePeriodSeconds = 1;
  },
  warnings: (object) => podWarnings(object),
  validate: validateNewPod,
  validateUpdate: validatePodUpdate,
  subresources: {
    ephemeralcontainers: {
      prepare: (next, old) => {
        const { ephemeralContainers } = next.spec;
        dropStopSignals({ ephemeralContainers });
        keepMetadata(next, old);
        next.spec = { ...old.spec, ephemeralContainers };
        restore(next, old, 'status');
        countGeneration(next, old);
      },
      validate: validateEphemeralContainersUpdate,
    },
    resize: {
      prepare: (next, old) => {
        restore(next, old, 'status');
        keepMetadata(next, old);
        keepOnlyResize(next, old);
        countGeneration(next, old);
      },
      validate: validateResize,
    },
  },
  deletionGracePeriod: (object) => gracePeriodOf(object),
  selectableFields: {
    'spec.nodeName': (object) => object.spec?.nodeName ?? '',
    'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
    'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(object.spec?.hostNetwork ?? false),
    'status.phase': (object) => object.status?.phase ?? '',
    'status.podIP': (object) => object.status?.podIPs?.[0]?.ip ?? '',
    'status.podIPs': (object) => object.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (object) => object.status?.nominatedNodeName ?? '',
  },
  cells: podCells,
});

/** How long a Pod has to stop: no time at all when it never started or has already ended. */
function gracePeriodOf(object: KubernetesObject): number {
  const { phase } = object.status ?? {};
  if (!object.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0;
  return object.spec.terminationGracePeriodSeconds ?? 0;
}
