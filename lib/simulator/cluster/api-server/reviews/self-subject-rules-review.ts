/**
 * What may I do in this namespace? What `kubectl auth can-i --list` asks.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/
 *
 * The rules are those of RBAC. What a kubelet may do by the node authorizer cannot be listed.
 */
import { badRequest } from '../../../../kubernetes/status-error';
import { aggregate } from '../auth/rbac-authorizer';
import type { Review } from './index';

export const selfSubjectRulesReview: Review = (server, request, review) => {
  const namespace = review.spec.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors } = server.rbac.rulesOf(request.user, namespace);
  const isNode = request.user.groups?.includes('system:nodes') ?? false;
  const unlisted = [...(isNode ? ['node'] : []), ...server.unlistedAuthorizers];
  const problems = [...errors, ...unlisted.map((name) => `${name} authorizer does not support user rule resolution`)];
  const status = {
    resourceRules: rules.filter((rule) => (rule.resources ?? []).length > 0),
    nonResourceRules: rules
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: problems.length > 0,
    ...(problems.length > 0 ? { evaluationError: aggregate(problems) } : {}),
  };
  return { ...review, status };
};
