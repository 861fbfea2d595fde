/**
 * Objects as JSON that kubectl reads: one `List`, because a bare array is no Kubernetes object. Read by machines it is several times
 * faster than YAML.
 */
import type { KubernetesObject } from '../kubernetes/object';

export function writeJson(objects: readonly KubernetesObject[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
}
