/**
 * Whose token is this?
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
import { badRequest, StatusError } from '../../../../kubernetes/status-error';
import { authenticate } from '../auth/authenticator';
import { SERVICE_ACCOUNT_AUDIENCE } from '../auth/service-account-tokens';
import type { Review } from './index';
import { userStatus } from './user-status';

export const tokenReview: Review = (server, _request, review) => {
  const token: string = review.spec.token ?? '';
  const audiences: readonly string[] = review.spec.audiences ?? [];
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  try {
    const user = authenticate(server.authenticators, { token, ...(audiences.length > 0 ? { audiences } : {}) });
    const known = audiences.length > 0 ? audiences : [SERVICE_ACCOUNT_AUDIENCE];
    return { ...review, status: { authenticated: true, user: userStatus(user), audiences: known } };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { ...review, status: { user: {}, error: '[invalid bearer token, token lookup failed]' } };
  }
};
