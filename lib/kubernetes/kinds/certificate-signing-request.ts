/**
 * CertificateSigningRequests: somebody asks a signer for a certificate.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 *
 * Who asks is written down by the server. `approval` changes the approving conditions, `status` the certificate and the rest.
 */

import { semanticEqual } from '../equality';
import { formatTime, type KubernetesObject } from '../object';
import { nameIsPathSegment } from '../validation/names';
import { age, humanDuration } from './cells';
import { validateRequest, validateRequestUpdate } from './certificate-request-rules';
import { defineKind, restore } from './define-kind';
import type { Draft, RequestContext } from './kind-definition';

function nameTheRequestor({ spec }: Draft, { user }: RequestContext): void {
  for (const field of ['username', 'uid', 'groups', 'extra']) delete spec[field];
  if (!user) return;
  spec.username = user.name;
  if (user.uid) spec.uid = user.uid;
  if (user.groups?.length) spec.groups = [...user.groups];
  if (user.extra && Object.keys(user.extra).length > 0) spec.extra = user.extra;
}

const isVerdict = ({ type }: any): boolean => type === 'Approved' || type === 'Denied';

/** Conditions get the time of their last change; a status that stays keeps its transition time. */
function dateConditions(next: Draft, old: KubernetesObject, now: number): void {
  const before: any[] = old.status?.conditions ?? [];
  for (const condition of next.status?.conditions ?? []) {
    if (before.some((known) => semanticEqual(known, condition))) continue;
    condition.lastUpdateTime ??= formatTime(now);
    const known = before.find(({ type }) => type === condition.type);
    const kept = known?.status === condition.status ? known?.lastTransitionTime : undefined;
    condition.lastTransitionTime ??= kept ?? formatTime(now);
  }
}

export const certificateSigningRequest = defineKind({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  namespaced: false,
  nameRule: nameIsPathSegment,
  status: {
    alsoResets: [['status', 'conditions']],
    prepare: (next, old, { now }) => {
      next.status ??= {};
      // Verdicts are not for this endpoint: what there was of them stays.
      const others = (next.status.conditions ?? []).filter((condition: any) => !isVerdict(condition));
      const verdicts = (next.status.conditions ?? []).filter(isVerdict);
      const oldVerdicts = (old.status?.conditions ?? []).filter(isVerdict);
      if (verdicts.length !== oldVerdicts.length) next.status.conditions = [...oldVerdicts, ...others];
      if (!next.status.conditions?.length) delete next.status.conditions;
      dateConditions(next, old, now);
    },
    validate: validateRequestUpdate({ issues: true }),
  },
  validate: validateRequest,
  validateUpdate: validateRequestUpdate({}),
  prepareForCreate: nameTheRequestor,
  prepareForUpdate: (next, old) => restore(next, old, 'spec'),
  resetFields: [['spec'], ['status']],
  subresources: {
    approval: {
      prepare: (next, old, { now }) => {
        restore(next, old, 'spec');
        const { conditions } = next.status ?? {};
        next.status = { ...old.status };
        if (conditions?.length) next.status.conditions = conditions;
        else delete next.status.conditions;
        dateConditions(next, old, now);
      },
      validate: validateRequestUpdate({ approves: true }),
      resetFields: [['spec'], ['status', 'certificate']],
    },
  },
  selectableFields: { 'spec.signerName': (object) => object.spec?.signerName ?? '' },
  cells: (object, context) => [
    object.metadata.name!,
    age(object, context),
    object.spec?.signerName || '<none>',
    object.spec?.username ?? '',
    object.spec?.expirationSeconds === undefined ? '<none>' : humanDuration(object.spec.expirationSeconds * 1000),
    condition(object),
  ],
});

/** `Pending`, `Approved,Issued`, `Denied`, `Pending,Failed`. */
function condition({ status }: KubernetesObject): string {
  const types = (status?.conditions ?? []).map(({ type }: any) => type);
  const verdict = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
  return [verdict, ...(types.includes('Failed') ? ['Failed'] : []), ...(status?.certificate ? ['Issued'] : [])].join(
    ',',
  );
}
