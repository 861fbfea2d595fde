/** Which resource a test means: `Deployment`, `deployments`, `deploy`, `deployments.apps`. */
import type { KubernetesObject } from '../kubernetes/object';
import type { KindTypes } from '../kubernetes/types/kinds.generated';
import type { ResourceRegistry, ServedResource } from '../simulator/cluster/api-server/resources';

type LastStep<S extends string> = S extends `${string}/${infer Rest}` ? LastStep<Rest> : S;

/** The kinds that are built in, by their name alone: `Deployment`. */
export type KindName = LastStep<keyof KindTypes>;

type OfKind<K extends string> = {
  [P in keyof KindTypes]: LastStep<P> extends K ? KindTypes[P] : never;
}[keyof KindTypes];

/** The type of the objects that a name means; the common one when the name is no kind. */
export type ObjectOfKind<K extends string> = K extends KindName ? OfKind<K> & KubernetesObject : KubernetesObject;

/** Kubectl's rules: the kind, the plural, the singular or a short name, in any case, and `.group` to be exact. */
export function findResource(resources: ResourceRegistry, name: string): ServedResource {
  const wanted = name.toLowerCase();
  const served = resources.groups().flatMap(({ versions }) => versions.flatMap((version) => version.resources));
  const found = served.find((resource) => namesOf(resource).includes(wanted));
  if (found === undefined) throw new Error(`the server doesn't have a resource type "${name}"`);
  return found;
}

function namesOf({ kind, resource, singular, shortNames, group }: ServedResource): string[] {
  const names = [kind.toLowerCase(), resource, singular, ...shortNames];
  return group === '' ? names : [...names, ...names.map((each) => `${each}.${group}`)];
}
