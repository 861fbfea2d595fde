/**
 * How the members of a set fare right now, without waiting for anything: the same verdicts, with the same reasons, that a
 * wait would give.
 */
import { type Clock, systemClock } from '../clock';
import { applyRank } from '../kubernetes/apply-order';
import type { KubernetesObject, Resource } from '../kubernetes/object';
import { type Readiness, readinessOf } from '../kubernetes/readiness';
import { isNotFound, StatusError } from '../kubernetes/status-error';
import { DEFAULT_SET } from './apply';
import { type ApplySetRef, applySetOf } from './apply-set';
import { pathOf } from './discovery';
import { KubernetesApi } from './kubernetes-api';
import { LiveObjects } from './live-objects';
import { type ObjectRef, refOf } from './object-ref';
import { observe } from './observe';
import { relatedResources, surroundingsOf } from './surroundings';
import type { Transport } from './transport';

export interface InspectOptions {
  readonly transport: Transport;
  /** @default drydock, in namespace default */
  readonly set?: ApplySetRef;
  /** @default the wall clock */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface MemberStatus {
  readonly ref: ObjectRef;
  readonly object: KubernetesObject;
  readonly readiness: Readiness;
}

/** All members, in the order in which they would be applied; none when the set was never applied. */
export async function inspect(options: InspectOptions): Promise<MemberStatus[]> {
  const { signal } = options;
  const api = new KubernetesApi(options.transport, options.clock ?? systemClock, signal ? { signal } : {});
  const { members } = await observe(api, applySetOf(options.set ?? DEFAULT_SET));
  const live = new LiveObjects(api, () => {});
  await readRelated(
    live,
    [...members.values()].map(({ object }) => object),
  );
  return [...members.values()]
    .map(({ object }) => ({
      ref: refOf(object),
      object,
      readiness: readinessOf(object, surroundingsOf(object, live)),
    }))
    .sort((a, b) => applyRank(a.ref) - applyRank(b.ref));
}

async function readRelated(live: LiveObjects, objects: readonly KubernetesObject[]): Promise<void> {
  const wanted = new Map<string, { resource: Resource; namespace: string | undefined }>();
  for (const object of objects) {
    for (const resource of relatedResources(object)) {
      const namespace = resource.namespaced ? object.metadata.namespace : undefined;
      wanted.set(pathOf(resource, namespace), { resource, namespace });
    }
  }
  await Promise.all(
    [...wanted.values()].map(({ resource, namespace }) =>
      live.read(resource, namespace).catch((error) => {
        // Without the right to see Pods or Events, one learns less.
        if (!isNotFound(error) && !(error instanceof StatusError && error.code === 403)) throw error;
      }),
    ),
  );
}
