/**
 * What may I do in this namespace? What `kubectl auth can-i --list` asks.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/
 *
 * Each authorizer that can list its rules does so; when one cannot, the answer says that it is incomplete.
 */
import { badRequest } from '../../../../kubernetes/status-error';
import type { Review } from './index';

const EVERYTHING = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const NOTHING = { resourceRules: [], nonResourceRules: [] };

export const selfSubjectRulesReview: Review = (server, request, review) => {
  const namespace = review.spec.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = server.rulesOf?.(request.user, namespace);
  const privileged = request.user.groups?.includes('system:masters') ?? false;
  return {
    ...review,
    status: rules ?? { ...(privileged ? EVERYTHING : NOTHING), incomplete: !privileged },
  };
};
