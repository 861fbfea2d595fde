/**
 * Field management through `/scale`: the Scale object has one field that anybody can own, `spec.replicas`, and it stands
 * for the replicas field of the resource behind it.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 *
 * The API server gives a write to `/scale` the entries of {@link toScaleEntries} as those of the live Scale, runs
 * `trackUpdate` or `apply` on it (type `autoscaling/v1` Scale, `subresource: 'scale'`), and stores {@link fromScaleEntries} of the answer.
 */
import type { ManagedFieldsEntry } from '../object';
import { difference, type FieldPath, fieldElement, has, setOf } from './field-set';
import { identifierOf, type Manager, readStored, writeEntries } from './managers';

const SCALE_VERSION = 'autoscaling/v1';
const SCALE_REPLICAS = ['f:spec', 'f:replicas'];

export interface ScaledResource {
  /** apiVersion of the request, e.g. `apps/v1`. */
  readonly apiVersion: string;
  /** By apiVersion: where the resource keeps its replicas, e.g. `['spec', 'replicas']`. Other versions are not served. */
  readonly replicasPaths: Readonly<Record<string, readonly string[]>>;
}

const pathIn = (resource: ScaledResource, apiVersion: string): FieldPath | undefined =>
  resource.replicasPaths[apiVersion]?.map(fieldElement);

/** The entries of the resource that own its replicas, as entries of its Scale. */
export function toScaleEntries(
  resource: ScaledResource,
  entries: readonly ManagedFieldsEntry[] | undefined,
): ManagedFieldsEntry[] | undefined {
  const owners = readStored(entries).filter(({ apiVersion, fields }) => {
    const path = pathIn(resource, apiVersion);
    return path !== undefined && has(fields, path);
  });
  return writeEntries(owners.map((entry) => ({ ...entry, apiVersion: SCALE_VERSION, fields: setOf(SCALE_REPLICAS) })));
}

/**
 * The entries of the resource after a write to its Scale. Who no longer owns the replicas loses them; who newly does gets
 * an entry for subresource `scale`, which carries no time (the real server forgets it).
 */
export function fromScaleEntries(
  resource: ScaledResource,
  entries: readonly ManagedFieldsEntry[] | undefined,
  scaleEntries: readonly ManagedFieldsEntry[] | undefined,
): ManagedFieldsEntry[] | undefined {
  const owners = new Map(readStored(scaleEntries).map((entry) => [scaleIdentifier(entry), entry]));
  const out: Manager[] = [];
  for (const entry of readStored(entries)) {
    if (!(entry.apiVersion in resource.replicasPaths)) continue;
    const path = pathIn(resource, entry.apiVersion)!;
    if (!has(entry.fields, path) || owners.delete(scaleIdentifier(entry))) {
      out.push(entry);
    } else {
      const fields = difference(entry.fields, setOf(path));
      if (fields !== undefined) out.push({ ...entry, fields });
    }
  }
  const path = pathIn(resource, resource.apiVersion);
  for (const entry of path ? owners.values() : []) {
    if (!has(entry.fields, SCALE_REPLICAS)) continue;
    out.push({ ...entry, apiVersion: resource.apiVersion, time: undefined, fields: setOf(path!) });
  }
  return writeEntries(out);
}

/** A manager is the same on both sides whatever version its entry is written in. */
const scaleIdentifier = (entry: Manager): string => identifierOf({ ...entry, apiVersion: SCALE_VERSION });
