/**
 * Who am I? What `kubectl auth whoami` asks.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
 */
import { formatTime } from '../../../../kubernetes/object';
import type { Review } from './index';
import { userStatus } from './user-status';

export const selfSubjectReview: Review = (server, request, review) => ({
  ...review,
  metadata: { ...review.metadata, creationTimestamp: formatTime(server.simulation.clock.now()) },
  status: { userInfo: userStatus(request.user) },
});
