/**
 * Questions in the form of objects: posted, answered in their status, never stored. One file each, one line here.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
import type { Draft } from '../../../../kubernetes/kinds';
import { groupResource, type KubernetesObject } from '../../../../kubernetes/object';
import { decodeBody } from '../decode-body';
import { trackUpdate } from '../managed-fields';
import { checkNamespace } from '../object-meta';
import type { ApiRequest, ApiResponse } from '../request';
import type { ServerContext } from '../server-context';
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './access-reviews';
import { selfSubjectReview } from './self-subject-review';
import { selfSubjectRulesReview } from './self-subject-rules-review';
import { tokenReview } from './token-review';

/** Answers a decoded review. */
export type Review = (server: ServerContext, request: ApiRequest, review: Draft) => KubernetesObject;

const reviews: Readonly<Record<string, Review>> = {
  'localsubjectaccessreviews.authorization.k8s.io': localSubjectAccessReview,
  'selfsubjectaccessreviews.authorization.k8s.io': selfSubjectAccessReview,
  'selfsubjectreviews.authentication.k8s.io': selfSubjectReview,
  'selfsubjectrulesreviews.authorization.k8s.io': selfSubjectRulesReview,
  'subjectaccessreviews.authorization.k8s.io': subjectAccessReview,
  'tokenreviews.authentication.k8s.io': tokenReview,
};

/** Its answer is put together anew, so what was tracked is lost. */
const WITHOUT_MANAGED_FIELDS = new Set(['selfsubjectrulesreviews.authorization.k8s.io']);

/** Undefined when the resource is none of these. */
export function handleReview(server: ServerContext, request: ApiRequest): ApiResponse | undefined {
  const review = reviews[groupResource(request.resource)];
  if (!review) return undefined;
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const draft = decodeBody(request.resource, request.body, {
    fieldValidation: request.options.fieldValidation,
    duplicateFields: request.duplicateFields ?? [],
    warn,
  });
  checkNamespace(request.resource, draft, request.namespace);
  draft.status = {};
  if (!WITHOUT_MANAGED_FIELDS.has(groupResource(request.resource))) trackUpdate(server, request, draft, undefined);
  server.admission.admit({
    operation: 'CREATE',
    resource: request.resource,
    subresource: '',
    namespace: request.namespace,
    name: draft.metadata.name ?? '',
    object: draft,
    user: request.user,
    dryRun: request.options.dryRun ?? false,
    request,
    warn,
  });
  return { code: 201, object: review(server, request, draft), warnings };
}
