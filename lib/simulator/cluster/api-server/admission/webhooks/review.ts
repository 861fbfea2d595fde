/**
 * AdmissionReview: what a webhook is asked, and how its answer is read.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response
 */
import type { UserInfo } from '../../../../../kubernetes/kinds';
import type { ServedResource } from '../../resources';
import { userStatus } from '../../reviews/user-status';
import type { AdmissionAttributes } from '../admission';
import { kindOf, resourceOf, type VersionedObjects } from '../versioned';

const GROUP = 'admission.k8s.io';
const KIND = 'AdmissionReview';

export interface ReviewVersion {
  /** Those that the webhook understands, best first. */
  readonly admissionReviewVersions: readonly string[];
}

/** @param matched the version of the resource that the webhook is asked about */
export function reviewOf(
  { admissionReviewVersions }: ReviewVersion,
  attributes: AdmissionAttributes,
  matched: ServedResource,
  { object, oldObject }: VersionedObjects,
): { apiVersion: string; kind: string; request: object } {
  const { subresource, name, namespace, operation, user, dryRun, resource } = attributes;
  const version = admissionReviewVersions.find((each) => each === 'v1' || each === 'v1beta1') ?? 'v1';
  return {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
    request: {
      kind: kindOf(attributes, matched),
      resource: resourceOf(matched),
      ...(subresource === '' ? {} : { subResource: subresource }),
      requestKind: kindOf(attributes, resource),
      requestResource: resourceOf(resource),
      ...(subresource === '' ? {} : { requestSubResource: subresource }),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: userOf(user),
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
      options: optionsOf(attributes),
    },
  };
}

const userOf = (user: UserInfo): object => userStatus(user);

/** CreateOptions, UpdateOptions, PatchOptions, DeleteOptions of the request. */
function optionsOf({ operation, request, oldObject }: AdmissionAttributes): object | null {
  if (operation === 'CONNECT') return null;
  const { options, verb, deleteOptions, patchType } = request;
  const common = {
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  };
  if (operation === 'DELETE') {
    return { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...deleteOptions, ...common };
  }
  const kind =
    operation === 'CREATE' ? 'CreateOptions' : verb === 'patch' && oldObject ? 'PatchOptions' : 'UpdateOptions';
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...common,
    ...(kind === 'PatchOptions' && patchType === 'apply' && options.force !== undefined
      ? { force: options.force }
      : {}),
    ...(options.fieldManager ? { fieldManager: options.fieldManager } : {}),
    ...(options.fieldValidation ? { fieldValidation: options.fieldValidation } : {}),
  };
}

export interface Verdict {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  /** Why not: a Status. */
  readonly status?: any;
  /** JSON Patch. */
  readonly patch?: unknown;
}

/** The answer makes no sense. */
export class InvalidResponse extends Error {
  override readonly name = 'InvalidResponse';
}

/** @throws InvalidResponse in the words of the API server */
export function readVerdict(document: any, asked: { uid: string; apiVersion: string }, mutating: boolean): Verdict {
  const { response } = document;
  if (!response) throw new InvalidResponse('webhook response was absent');
  // v1beta1 leaves out what v1 insists on.
  const isStrict = asked.apiVersion === `${GROUP}/v1`;
  if (isStrict && response.uid !== asked.uid) {
    throw new InvalidResponse(`expected response.uid="${asked.uid}", got "${response.uid ?? ''}"`);
  }
  if (isStrict && (document.apiVersion !== asked.apiVersion || document.kind !== KIND)) {
    const got = `${document.apiVersion || '/'}, Kind=${document.kind ?? ''}`;
    throw new InvalidResponse(`expected webhook response of ${asked.apiVersion}, Kind=${KIND}, got ${got}`);
  }
  return {
    allowed: response.allowed === true,
    warnings: response.warnings ?? [],
    ...(response.status ? { status: response.status } : {}),
    ...patchOf(response, mutating, isStrict),
  };
}

function patchOf({ patch, patchType }: any, mutating: boolean, isStrict: boolean): { patch?: unknown } {
  if (!mutating) {
    if (isStrict && patch) throw new InvalidResponse('validating webhook may not return response.patch');
    if (isStrict && patchType) throw new InvalidResponse('validating webhook may not return response.patchType');
    return {};
  }
  if (isStrict && patch && !patchType) {
    throw new InvalidResponse('webhook returned response.patch but not response.patchType');
  }
  if (isStrict && !patch && patchType) {
    throw new InvalidResponse('webhook returned response.patchType but not response.patch');
  }
  if (!patch) return {};
  if (patchType && patchType !== 'JSONPatch') {
    throw new InvalidResponse(`invalid value of response.patchType=${patchType}, allowed values: [JSONPatch]`);
  }
  return { patch: Buffer.from(patch, 'base64').toString() };
}
