/**
 * The pods of a Job: a finalizer holds each until it was counted; those of an Indexed Job know their number.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { INDEX } from './job-indexes';
import { podFromTemplate } from './pods';

export const TRACKING = 'batch.kubernetes.io/job-tracking';
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';

export const isTracked = ({ metadata }: KubernetesObject): boolean => metadata.finalizers?.includes(TRACKING) ?? false;

/** @param index of an Indexed Job; @param failures how often that index failed before, with backoffLimitPerIndex */
export function jobPod(job: KubernetesObject, index?: number, failures?: number): KubernetesObject {
  const pod = podFromTemplate(job.spec.template, job);
  const { metadata, spec } = pod;
  const finalizers = [...(metadata.finalizers ?? []), TRACKING];
  if (index === undefined) return { ...pod, metadata: { ...metadata, finalizers } };
  const number = String(index);
  const { name } = job.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: `${name}-${number}-`,
      finalizers,
      labels: { ...metadata.labels, [INDEX]: number },
      annotations: {
        ...metadata.annotations,
        [INDEX]: number,
        ...(failures === undefined ? {} : { [FAILURE_COUNT]: String(failures) }),
      },
    },
    spec: {
      ...spec,
      hostname: spec.hostname ?? `${name}-${number}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndexVariable) } : {}),
    },
  };
}

const VARIABLE = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } },
};

function withIndexVariable(container: { readonly env?: readonly { readonly name: string }[] }) {
  const env = container.env ?? [];
  return env.some(({ name }) => name === VARIABLE.name) ? container : { ...container, env: [...env, VARIABLE] };
}
