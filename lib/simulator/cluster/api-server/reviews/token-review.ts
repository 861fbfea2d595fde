/**
 * Whose token is this?
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
import { badRequest } from '../../../../kubernetes/status-error';
import { API_AUDIENCE, tryAuthenticate } from '../auth/authenticator';
import { aggregate } from '../auth/rbac-authorizer';
import { audiencesOf } from '../auth/service-account-tokens';
import type { Review } from './index';
import { userStatus } from './user-status';

export const tokenReview: Review = (server, _request, review) => {
  const token: string = review.spec.token ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted: readonly string[] = review.spec.audiences?.length ? review.spec.audiences : [API_AUDIENCE];
  const { user, errors } = tryAuthenticate(server.authenticators, { token, audiences: wanted });
  if (!user) {
    return { ...review, status: { user: {}, error: aggregate(['invalid bearer token', ...errors]) } };
  }
  const meant = audiencesOf(token) ?? [API_AUDIENCE];
  const audiences = wanted.filter((each) => meant.includes(each));
  return { ...review, status: { authenticated: true, user: userStatus(user), audiences } };
};
