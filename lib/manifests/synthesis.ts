/**
 * From a tree of constructs to the list of objects that a cluster is given: each with what its scopes hand down, in an order in
 * which they can be applied, each knowing where it comes from.
 *
 * The order: what others need comes first (lib/kubernetes/apply-order.ts), what somebody declared with `node.addDependency`
 * comes before its dependent, and apart from that things stay as they were written.
 */
import type { IConstruct } from 'constructs';
import { type KubernetesObject, parseApiVersion } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { ApiObject } from './api-object';
import { orderObjects } from './object-order';
import { describeOrigin, type Origin } from './origin';
import { handedDown, inheritedBy, isChart, type ScopeProps } from './scope-props';
import { readTokens } from './tokens';

/** Beside the objects and not in them, so that they stay what the cluster is given. */
const constructOf = new WeakMap<KubernetesObject, ApiObject>();

/** Where an object of `synth`, `toObjects` or `loadManifests` comes from; undefined for objects made elsewhere. */
export function originOf(object: KubernetesObject): Origin | undefined {
  return constructOf.get(object)?.origin;
}

/** Lets an object that was made of another one come from where that one comes from. */
export function inheritOrigin(object: KubernetesObject, from: KubernetesObject): void {
  const construct = constructOf.get(from);
  if (construct !== undefined) constructOf.set(object, construct);
}

/** What `accept` was called with for the construct of an object. */
export function acceptedRulesOf(object: KubernetesObject): ReadonlySet<string> | undefined {
  return constructOf.get(object)?.acceptedRules;
}

/** The path of the innermost chart around an object's construct; empty when there is none. */
export function chartPathOf(object: KubernetesObject): string {
  return constructOf.get(object)?.node.scopes.findLast(isChart)?.node.path ?? '';
}

/**
 * The objects of a construct and everything below it; of several apps, as if they were one.
 * @throws UserError when two constructs make the same object, or constructs depend on each other in a circle
 */
export function synthesize(...scopes: readonly IConstruct[]): KubernetesObject[] {
  const found = withoutForeignNamespaces(scopes.flatMap(finishAll));
  refuseDuplicates(found);
  return orderObjects(scopes, found).map(({ construct, object }) => {
    constructOf.set(object, construct);
    return object;
  });
}

export interface FinishedObject {
  readonly construct: ApiObject;
  readonly object: KubernetesObject;
}

function finishAll(scope: IConstruct): FinishedObject[] {
  const found: FinishedObject[] = [];
  const visit = (construct: IConstruct, above: ScopeProps): void => {
    const inherited = handedDown(construct, above);
    if (ApiObject.isApiObject(construct)) found.push({ construct, object: readTokens(construct.finish(inherited)) });
    for (const child of construct.node.children) visit(child, inherited);
  };
  visit(scope, scope.node.scope ? inheritedBy(scope.node.scope) : {});
  return found;
}

/** Objects of a kind whose definition in the app says `scope: Cluster` inherit no namespace, as those of built-in kinds do not. */
function withoutForeignNamespaces(found: FinishedObject[]): FinishedObject[] {
  const outside = new Set(
    found.flatMap(({ object: { kind, spec } }) => {
      return kind === 'CustomResourceDefinition' && spec?.scope === 'Cluster'
        ? `${spec.group}/${spec.names?.kind}`
        : [];
    }),
  );
  if (outside.size === 0) return found;
  return found.map((entry) => {
    const { construct, object } = entry;
    if ('namespace' in construct.written.metadata || object.metadata.namespace === undefined) return entry;
    if (!outside.has(`${parseApiVersion(object.apiVersion).group}/${object.kind}`)) return entry;
    const { namespace, ...metadata } = object.metadata;
    return { construct, object: { ...object, metadata } };
  });
}

/** What the cluster knows an object by; undefined for one whose name the server generates. */
export function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string | undefined {
  if (metadata.name === undefined) return undefined;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${group}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function refuseDuplicates(found: readonly FinishedObject[]): void {
  const firstByIdentity = new Map<string, FinishedObject>();
  const messages: string[] = [];
  for (const entry of found) {
    const identity = identityOf(entry.object);
    if (identity === undefined) continue;
    const first = firstByIdentity.get(identity);
    if (first === undefined) firstByIdentity.set(identity, entry);
    else messages.push(describeDuplicate(first, entry));
  }
  if (messages.length > 0) {
    throw new UserError('DuplicateObject', messages.join('\n'), 'Give one of them another name or namespace.');
  }
}

function describeDuplicate(first: FinishedObject, second: FinishedObject): string {
  const { kind, metadata } = second.object;
  const where = metadata.namespace === undefined ? '' : ` in namespace "${metadata.namespace}"`;
  return `${kind} "${metadata.name}"${where} is made twice: by ${place(first)} and by ${place(second)}`;
}

function place({ construct }: FinishedObject): string {
  return describeOrigin(construct.origin);
}
