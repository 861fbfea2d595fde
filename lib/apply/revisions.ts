/**
 * What was applied, kept in the cluster: one record per successful change, so that it can be gone back to.
 *
 * A record is a Secret with the objects as they were asked for, compressed; a large one continues in further Secrets, since
 * one may hold a mebibyte. Values of Secrets are never recorded, neither plain nor as hashes: a record remembers which keys
 * there were, and going back leaves the values as they are.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import type { ApplySet } from './apply-set';
import type { KubernetesApi } from './kubernetes-api';

export interface Revision {
  /** 1, 2, 3, ... */
  readonly number: number;
  /** RFC 3339. */
  readonly appliedAt: string;
  readonly objectCount: number;
}

export const SECRET: Resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true };

const TYPE = 'drydock/revision.v1';
const SET_LABEL = 'drydock/revision-of';
const NUMBER_LABEL = 'drydock/revision';
const COUNT_ANNOTATION = 'drydock/objects';
const MANAGER = 'drydock-applyset';
const KEPT = 10;
/** Base64 makes four characters of three bytes, and a Secret may have 1 MiB in all. */
const CHUNK_BYTES = 700 * 1024;

/** Oldest first. */
export async function listRevisions(api: KubernetesApi, set: ApplySet): Promise<Revision[]> {
  const heads = (await listRecords(api, set)).filter(({ metadata }) => metadata.annotations?.[COUNT_ANNOTATION]);
  return heads
    .map(({ metadata }) => ({
      number: Number(metadata.labels![NUMBER_LABEL]),
      appliedAt: metadata.creationTimestamp!,
      objectCount: Number(metadata.annotations![COUNT_ANNOTATION]),
    }))
    .sort((a, b) => a.number - b.number);
}

/** Records what was applied and forgets the oldest records. Returns the number of the new one. */
export async function recordRevision(
  api: KubernetesApi,
  set: ApplySet,
  objects: readonly KubernetesObject[],
): Promise<number> {
  const records = await listRecords(api, set);
  const number = 1 + Math.max(0, ...records.map(({ metadata }) => Number(metadata.labels?.[NUMBER_LABEL])));
  const compressed = gzipSync(JSON.stringify({ version: 1, objects: objects.map(withoutSecrets) }));
  // The head is written last: a record without it is not listed.
  for (let part = Math.ceil(compressed.length / CHUNK_BYTES) - 1; part >= 0; part--) {
    const chunk = compressed.subarray(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES);
    const record = recordOf(set, { number, part, chunk, count: objects.length });
    await api.apply(SECRET, record, { fieldManager: MANAGER, force: true });
  }
  const forgotten = records.filter(({ metadata }) => Number(metadata.labels?.[NUMBER_LABEL]) <= number - KEPT);
  await deleteRecords(api, forgotten);
  return number;
}

/**
 * The objects of a revision; those of kind Secret without their values.
 * @throws UserError when there is no such revision.
 */
export async function readRevision(api: KubernetesApi, set: ApplySet, number: number): Promise<KubernetesObject[]> {
  const labelSelector = `${SET_LABEL}=${set.name},${NUMBER_LABEL}=${number}`;
  const { items } = await api.list(SECRET, { namespace: set.namespace, labelSelector });
  const parts = items.sort((a, b) => partOf(a) - partOf(b));
  if (parts.length === 0 || partOf(parts[0]!) !== 0) {
    const known = (await listRevisions(api, set)).map((revision) => revision.number);
    const message = `There is no revision ${number} of ${set.name}.`;
    throw new UserError('NoSuchRevision', message, `It has: ${known.join(', ') || 'none'}.`);
  }
  const compressed = Buffer.concat(parts.map(({ data }) => Buffer.from(data.record, 'base64')));
  return JSON.parse(gunzipSync(compressed).toString('utf8')).objects;
}

export async function forgetRevisions(api: KubernetesApi, set: ApplySet): Promise<void> {
  await deleteRecords(api, await listRecords(api, set));
}

async function listRecords(api: KubernetesApi, set: ApplySet): Promise<KubernetesObject[]> {
  const labelSelector = `${SET_LABEL}=${set.name}`;
  const { items } = await api.list(SECRET, { namespace: set.namespace, labelSelector, metadataOnly: true });
  return items;
}

async function deleteRecords(api: KubernetesApi, records: readonly KubernetesObject[]): Promise<void> {
  for (const { metadata } of records) {
    const { namespace, name, uid } = metadata;
    await api.delete(SECRET, { ...SECRET, name: name!, ...(namespace ? { namespace } : {}) }, uid ? { uid } : {});
  }
}

function recordOf(
  set: ApplySet,
  { number, part, chunk, count }: { number: number; part: number; chunk: Buffer; count: number },
): KubernetesObject {
  const name = `drydock.${set.name}.v${number}${part === 0 ? '' : `.${part}`}`;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: TYPE,
    metadata: {
      name,
      namespace: set.namespace,
      labels: { [SET_LABEL]: set.name, [NUMBER_LABEL]: String(number) },
      ...(part === 0 ? { annotations: { [COUNT_ANNOTATION]: String(count) } } : {}),
    },
    data: { record: chunk.toString('base64') },
  };
}

/** `drydock.shop.v12` is part 0, `drydock.shop.v12.1` part 1. */
function partOf({ metadata }: KubernetesObject): number {
  return Number(/\.v\d+\.(\d+)$/.exec(metadata.name!)?.[1] ?? 0);
}

function withoutSecrets(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const { data, stringData, ...rest } = object;
  const keys = Object.keys({ ...data, ...stringData });
  return { ...rest, data: Object.fromEntries(keys.map((key) => [key, ''])) } as KubernetesObject;
}
