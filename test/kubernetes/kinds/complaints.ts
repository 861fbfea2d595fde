/** What a kind says to a new object, or to a change: defaults, preparation and validation, without a server. */

import type { Draft, KindDefinition, RequestContext } from '../../../lib/kubernetes/kinds';
import { kindDefinition } from '../../../lib/kubernetes/kinds';

const NOW = Date.UTC(2026, 0, 1);

const contextOf = ({ apiVersion }: Draft): RequestContext => ({ now: NOW, apiVersion, newUid: () => 'uid' });

function definitionOf({ apiVersion, kind }: Draft): KindDefinition {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  return kindDefinition(group, kind);
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** The object as the server would store it. */
export function defaulted(manifest: Draft): Draft {
  const definition = definitionOf(manifest);
  const draft = copy(manifest);
  definition.applyDefaults(draft);
  definition.prepareForCreate(draft, contextOf(manifest));
  return draft;
}

/** `spec.replicas: Invalid value: -1: must be ...`, one text per complaint. */
export function complaints(manifest: Draft): string[] {
  const errors = definitionOf(manifest).validate(defaulted(manifest) as never, contextOf(manifest));
  return errors.errors.map(({ field, body }) => `${field}: ${body}`);
}

/** Complaints about a change; what the kind's rules and the machinery both say, once. */
export function complaintsAboutChange(before: Draft, after: Draft): string[] {
  const { update, applyDefaults } = definitionOf(after);
  const old = defaulted(before);
  const next = copy(after);
  for (const each of [old, next]) each.metadata.resourceVersion = '7';
  applyDefaults(next);
  const context = contextOf(after);
  update.prepare(next, old as never, context);
  const errors = update.validate(next as never, old as never, context);
  return [...new Set(errors.errors.map(({ field, body }) => `${field}: ${body}`))];
}

/** What a change through a subresource makes of the object, and what the kind has to say to that. */
export function throughSubresource(subresource: string, before: Draft, after: Draft): { next: Draft; said: string[] } {
  const definition = definitionOf(after);
  const strategy = definition.subresources[subresource]!;
  const old = defaulted(before);
  const next = copy(after);
  for (const each of [old, next]) each.metadata.resourceVersion = '7';
  definition.applyDefaults(next);
  const context = contextOf(after);
  strategy.prepare(next, old as never, context);
  const { errors } = strategy.validate(next as never, old as never, context);
  return { next, said: errors.map(({ field, body }) => `${field}: ${body}`) };
}

export const named = (apiVersion: string, kind: string, rest: object): Draft => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'default' },
  ...rest,
});
