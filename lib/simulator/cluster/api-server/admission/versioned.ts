/**
 * Objects of a request in the version that a rule speaks of. `matchPolicy: Equivalent`: a rule for `apps/v1` also means a
 * request to another version of the same resource, and sees the object converted.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchpolicy
 */
import type { Draft } from '../../../../kubernetes/kinds';
import { type KubernetesObject, parseApiVersion } from '../../../../kubernetes/object';
import type { ServedResource } from '../resources';
import type { AdmissionAttributes } from './admission';

export interface VersionedObjects {
  readonly object?: Draft;
  readonly oldObject?: KubernetesObject;
}

/** What a request is about: for some subresources something else than the resource itself, a Scale, an Eviction. */
export function kindOf({ object, resource }: AdmissionAttributes, { group, version, kind }: ServedResource): object {
  if (!object?.kind || object.kind === resource.kind) return { group, version, kind };
  const parsed = parseApiVersion(object.apiVersion ?? '');
  return { group: parsed.group, version: parsed.version, kind: object.kind };
}

export const resourceOf = ({ group, version, resource }: ServedResource): object => ({ group, version, resource });

/** The objects as they are when the request already has that version, else copies. */
export function objectsIn(target: ServedResource, attributes: AdmissionAttributes): VersionedObjects {
  const { object, oldObject } = attributes;
  const convert = <T extends KubernetesObject | Draft>(each: T): T => convertTo(target, attributes, each) as T;
  return {
    ...(object ? { object: convert(object) } : {}),
    ...(oldObject ? { oldObject: convert(oldObject) } : {}),
  };
}

function convertTo(target: ServedResource, attributes: AdmissionAttributes, given: any): unknown {
  const { resource, subresource } = attributes;
  // What is posted to a subresource is of a kind of its own.
  if (given.kind !== resource.kind && subresource !== '') return given;
  if (given.apiVersion === target.apiVersion) return given;
  const source = given.apiVersion === resource.apiVersion ? resource.conversion : undefined;
  const hub = source ? source.toHub(structuredClone(given)) : structuredClone(given);
  const converted = target.conversion ? target.conversion.fromHub(hub) : hub;
  return { ...converted, apiVersion: target.apiVersion };
}
