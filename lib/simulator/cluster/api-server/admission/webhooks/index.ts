/**
 * Webhooks: servers that the cluster's owners have asked about requests, before they are stored.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 *
 * Mutating ones are asked one after the other, in the order of their configurations' names; each sees what those before it
 * changed. Validating ones see the final object; whatever of them objects refuses.
 */
import type { Draft } from '../../../../../kubernetes/kinds';
import { applyJsonPatch } from '../../../../../kubernetes/merge/json-patch';
import type { KubernetesObject } from '../../../../../kubernetes/object';
import { DecodeError } from '../../../../../kubernetes/schema/decode';
import { internalError, StatusError } from '../../../../../kubernetes/status-error';
import { decodeObject } from '../../decode-body';
import type { ServedResource } from '../../resources';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission';
import { objectsIn } from '../versioned';
import { ask, denial, meantVersion, type Webhook } from './call';

const GROUP = 'admissionregistration.k8s.io';
const MUTATING = `mutatingwebhookconfigurations.${GROUP}`;
const VALIDATING = `validatingwebhookconfigurations.${GROUP}`;
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  handles: OPERATIONS,
  admit(attributes, context, reinvocation) {
    if (isExempt(MUTATING, attributes, context)) return;
    reinvocation.begin(attributes.object);
    for (const { webhook, key } of webhooksOf(MUTATING, context)) {
      const matched = meantVersion(webhook, attributes, context);
      if (!matched || !reinvocation.wants(key)) continue;
      const verdict = ask(webhook, attributes, context, { matched, mutating: true });
      if (verdict && !verdict.allowed) throw denial(webhook, verdict);
      if (verdict?.patch && change(webhook, attributes, matched, verdict.patch as string)) reinvocation.changed();
      reinvocation.asked(key, webhook.reinvocationPolicy === 'IfNeeded');
    }
    reinvocation.end(attributes.object);
  },
};

export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  handles: OPERATIONS,
  validate(attributes, context) {
    if (isExempt(VALIDATING, attributes, context)) return;
    for (const { webhook } of webhooksOf(VALIDATING, context)) {
      const matched = meantVersion(webhook, attributes, context);
      if (!matched) continue;
      const verdict = ask(webhook, attributes, context, { matched, mutating: false });
      if (verdict && !verdict.allowed) throw denial(webhook, verdict);
    }
  },
};

/** Nobody can lock themselves out: webhooks are not asked about what puts them, and policies, in force. */
const isExempt = (collection: string, { resource }: AdmissionAttributes, { store }: AdmissionContext): boolean =>
  store.count(collection) === 0 || resource.group === GROUP;

function* webhooksOf(
  collection: string,
  { store }: AdmissionContext,
): Generator<{ readonly webhook: Webhook; readonly key: string }> {
  for (const { metadata, webhooks = [] } of store.sorted(collection)) {
    for (const webhook of webhooks as readonly Webhook[]) yield { webhook, key: `${metadata.name}/${webhook.name}` };
  }
}

/** Applies the patch to the object in the version that the webhook saw. @returns whether it changed anything */
function change(webhook: Webhook, attributes: AdmissionAttributes, matched: ServedResource, text: string): boolean {
  const patch = parsePatch(webhook, text);
  if (patch.length === 0) return false;
  const { object, resource } = attributes;
  if (!object) {
    const what = 'attempted to modify the object, which is not supported for this operation';
    throw internalError(`admission webhook "${webhook.name}" ${what}`);
  }
  const before = objectsIn(matched, attributes).object!;
  const patched = decodePatched(matched, before, patch);
  const next = matched === resource ? patched : backTo(resource, matched, patched);
  const isChanged = JSON.stringify(next) !== JSON.stringify(object);
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, next);
  return isChanged;
}

function parsePatch({ name }: Webhook, text: string): readonly unknown[] {
  try {
    const patch = JSON.parse(text);
    if (Array.isArray(patch)) return patch;
  } catch {
    // Told below.
  }
  throw internalError(`failed calling webhook "${name}": received undecodable patch in webhook response`);
}

/** Other kinds than the resource's own (an Eviction, a Binding) keep the form they have. */
function decodePatched(resource: ServedResource, before: Draft, patch: readonly unknown[]): Draft {
  const { apiVersion, kind } = before;
  let patched: unknown;
  try {
    patched = applyJsonPatch(before, patch);
  } catch (error) {
    if (error instanceof StatusError) throw internalError(error.message);
    throw error;
  }
  if (kind !== resource.kind) return patched as Draft;
  try {
    const decoded = decodeObject(resource, patched).value as Draft;
    const next: Draft = { ...decoded, apiVersion, kind, metadata: decoded.metadata ?? {} };
    resource.kindDefinition.applyDefaults(next);
    return next;
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}

function backTo(resource: ServedResource, from: ServedResource, object: Draft): Draft {
  const hub = from.conversion ? from.conversion.toHub(object) : object;
  const converted = resource.conversion ? resource.conversion.fromHub(hub) : (hub as KubernetesObject);
  return { ...converted, apiVersion: resource.apiVersion } as Draft;
}
