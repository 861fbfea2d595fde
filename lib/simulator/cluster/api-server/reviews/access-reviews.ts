/**
 * May I, may somebody, do this? What `kubectl auth can-i` asks.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 */
import { ErrorList, root, throwIfInvalid } from '../../../../kubernetes/field-errors';
import type { Draft, UserInfo } from '../../../../kubernetes/kinds';
import type { AuthorizationAttributes } from '../auth/authorizer';
import type { ServerContext } from '../server-context';
import type { Review } from './index';

export const selfSubjectAccessReview: Review = (server, request, review) => {
  const errors = new ErrorList();
  checkAttributes(review, errors);
  throwIfInvalid({ group: 'authorization.k8s.io', kind: review.kind }, '', errors);
  return answered(server, review, request.user);
};

export const subjectAccessReview: Review = (server, _request, review) => {
  const errors = new ErrorList();
  checkAttributes(review, errors);
  checkSubject(review, errors);
  throwIfInvalid({ group: 'authorization.k8s.io', kind: review.kind }, '', errors);
  return answered(server, review, subjectOf(review));
};

export const localSubjectAccessReview: Review = (server, request, review) => {
  const errors = new ErrorList();
  const attributes = root('spec').child('resourceAttributes');
  checkAttributes(review, errors);
  checkSubject(review, errors);
  if ((review.spec.resourceAttributes?.namespace ?? '') !== request.namespace) {
    const namespace = review.spec.resourceAttributes?.namespace ?? '';
    errors.invalid(attributes.child('namespace'), namespace, 'must match metadata.namespace');
  }
  throwIfInvalid({ group: 'authorization.k8s.io', kind: review.kind }, '', errors);
  return answered(server, review, subjectOf(review));
};

function checkAttributes({ spec }: Draft, errors: ErrorList): void {
  if (spec.resourceAttributes && spec.nonResourceAttributes) {
    errors.invalid(
      root('spec').child('nonResourceAttributes'),
      spec.nonResourceAttributes,
      'cannot be specified in combination with resourceAttributes',
    );
  }
  if (!spec.resourceAttributes && !spec.nonResourceAttributes) {
    errors.invalid(
      root('spec').child('resourceAttributes'),
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
}

function checkSubject({ spec }: Draft, errors: ErrorList): void {
  if (spec.user || spec.groups?.length) return;
  errors.invalid(root('spec').child('user'), spec.user ?? '', 'at least one of user or group must be specified');
}

const subjectOf = ({ spec }: Draft): UserInfo => ({
  name: spec.user ?? '',
  ...(spec.uid ? { uid: spec.uid } : {}),
  ...(spec.groups ? { groups: spec.groups } : {}),
  ...(spec.extra ? { extra: spec.extra } : {}),
});

function answered(server: ServerContext, review: Draft, user: UserInfo): Draft {
  const decision = server.authorizer(attributesOf(review, user));
  const reason = decision?.reason ?? '';
  return { ...review, status: { allowed: decision?.allowed ?? false, ...(reason === '' ? {} : { reason }) } };
}

function attributesOf({ spec }: Draft, user: UserInfo): AuthorizationAttributes {
  if (spec.nonResourceAttributes) {
    const { path = '', verb = '' } = spec.nonResourceAttributes;
    return { user, verb, path };
  }
  const { verb = '', group = '', version = '', resource = '', subresource = '' } = spec.resourceAttributes;
  const { namespace = '', name = '' } = spec.resourceAttributes;
  const fieldSelector = selectorOf(spec.resourceAttributes.fieldSelector);
  const where = { group, version, resource, subresource, namespace, name };
  return { user, verb, resource: { ...where, ...(fieldSelector ? { fieldSelector } : {}) } };
}

/** `spec.nodeName=n1`, whether it came as text or as requirements; only equality matters to an authorizer. */
function selectorOf(selector: Draft | undefined): string {
  if (selector?.rawSelector) return selector.rawSelector;
  const equal = (selector?.requirements ?? []).filter(
    (each: any) => each.operator === 'In' && each.values?.length === 1,
  );
  return equal.map(({ key, values }: any) => `${key}=${values[0]}`).join(',');
}
