/**
 * The registry of kinds: one import and one line per kind.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 *
 * A built-in kind without a file of its own gets the common behaviour: metadata rules, a status subresource if discovery
 * lists one, and the schema's defaults. docs/fidelity.md lists these.
 */
import { apiVersionOf } from '../object';
import { discovery } from '../schema/discovery.generated';
import { defineKind } from './define-kind';
import type { KindDefinition } from './kind-definition';

const own: readonly KindDefinition[] = [];

const byKind = new Map(own.map((definition) => [`${definition.group}/${definition.kind}`, definition]));

/** The definition of a built-in kind, or undefined when the kind is not built in. */
export function tryKindDefinition(group: string, kind: string): KindDefinition | undefined {
  const key = `${group}/${kind}`;
  let definition = byKind.get(key);
  if (definition === undefined) {
    definition = fromDiscovery(group, kind);
    if (definition) byKind.set(key, definition);
  }
  return definition;
}

/** @throws Error when the kind is not built in. */
export function kindDefinition(group: string, kind: string): KindDefinition {
  const definition = tryKindDefinition(group, kind);
  if (!definition) throw new Error(`no built-in kind ${kind} in group "${group}"`);
  return definition;
}

function fromDiscovery(group: string, kind: string): KindDefinition | undefined {
  for (const found of discovery) {
    if (found.group !== group) continue;
    for (const { version, resources } of found.versions) {
      for (const { resource, responseKind, scope, subresources } of resources) {
        if (responseKind.kind !== kind) continue;
        const hasStatus = subresources?.some(({ subresource }) => subresource === 'status');
        return defineKind({
          apiVersion: apiVersionOf({ group, version }),
          kind,
          resource,
          namespaced: scope === 'Namespaced',
          ...(hasStatus ? { status: {}, generation: 'spec' } : {}),
        });
      }
    }
  }
  return undefined;
}

export { defineKind } from './define-kind';
export type { Draft, KindDefinition, RequestContext, UpdateStrategy, UserInfo } from './kind-definition';
