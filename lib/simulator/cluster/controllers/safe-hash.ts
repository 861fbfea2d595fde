/**
 * The hashes in generated names: FNV, 32 bits, written in an alphabet in which no word can appear.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 */
import { goDump } from './go-dump';
import type { PodTemplate } from './pods';

const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const PRIME = 16777619;
const BASIS = 2166136261;

/** FNV-1a, as in Go's `fnv.New32a`. */
function fnv32a(bytes: Uint8Array): number {
  let hash = BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

/** FNV-1, as in Go's `fnv.New32`. */
function fnv32(bytes: Uint8Array): number {
  let hash = BASIS;
  for (const byte of bytes) hash = Math.imul(hash, PRIME) ^ byte;
  return hash >>> 0;
}

/** 567721242 -> `9bcc65686`: each character by its code modulo 27. */
function safeEncode(text: string): string {
  return [...text].map((character) => SAFE[character.charCodeAt(0) % SAFE.length]).join('');
}

/** After a name collision the count joins the hash as eight bytes, of which the first four carry it. */
function collisionBytes(collisionCount: number | undefined): number[] {
  if (collisionCount === undefined) return [];
  return [0, 8, 16, 24].map((shift) => (collisionCount >>> shift) & 255).concat([0, 0, 0, 0]);
}

const encoder = new TextEncoder();

/**
 * The hash of a pod template as Kubernetes 1.35 computes it: the label `pod-template-hash` of a Deployment's pods and
 * `controller-revision-hash` of a DaemonSet's.
 */
export function podTemplateHash(template: PodTemplate, collisionCount?: number): string {
  const text = encoder.encode(goDump('io.k8s.api.core.v1.PodTemplateSpec', 'v1.PodTemplateSpec', template));
  const bytes = new Uint8Array([...text, ...collisionBytes(collisionCount)]);
  return safeEncode(String(fnv32a(bytes)));
}

/** The hash of the data of a ControllerRevision, as StatefulSets name theirs. */
export function revisionHash(data: string, collisionCount?: number): string {
  const bytes = encoder.encode(collisionCount === undefined ? data : `${data}${collisionCount}`);
  return safeEncode(String(fnv32(bytes)));
}
