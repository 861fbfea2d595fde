/**
 * Kubernetes objects in snapshots: as YAML, without what differs from run to run or says nothing about the object (uid,
 * resourceVersion, times of creation, managedFields).
 */

import type { KubernetesObject } from '../kubernetes/object';
import { synthesize } from '../manifests/synthesis';
import { writeDocument, writeYaml } from '../manifests/yaml-writer';
import { isConstruct } from './constructs';

export const serializer = {
  test: (value: unknown): boolean => isConstruct(value) || isKubernetesObject(value),
  serialize(value: unknown): string {
    if (isConstruct(value)) return writeYaml(synthesize(value)).trimEnd();
    return writeDocument(withoutNoise(value as KubernetesObject)).trimEnd();
  },
};

function isKubernetesObject(value: unknown): value is KubernetesObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<KubernetesObject>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata === 'object';
}

function withoutNoise({ apiVersion, kind, metadata, ...rest }: KubernetesObject): unknown {
  const noise = { uid: undefined, resourceVersion: undefined, creationTimestamp: undefined, managedFields: undefined };
  return { apiVersion, kind, metadata: { ...metadata, ...noise }, ...rest };
}
