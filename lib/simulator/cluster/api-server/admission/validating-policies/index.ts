/**
 * ValidatingAdmissionPolicy: rules of the cluster's owners, written in CEL and put into force by bindings.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 *
 * The first objection of a binding that says `Deny` refuses the request; `Warn` only warns. Left out: `Audit` (there is no audit
 * log), cost limits.
 */
import { adapt } from '../../../../../kubernetes/cel/values';
import type { KubernetesObject } from '../../../../../kubernetes/object';
import { selectorMatches } from '../../../../../kubernetes/selectors';
import { forbidden, StatusError } from '../../../../../kubernetes/status-error';
import type { ServedResource } from '../../resources';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission';
import { matchResources } from '../resource-rules';
import { conditionsHold, type Objection, objectionsOf, withVariables } from './evaluate';
import { type CelVariables, requestVariables } from './variables';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;

/** HTTP codes of the reasons that a validation may give. */
const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  handles: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  validate(attributes, context) {
    const { store } = context;
    // Nobody can lock themselves out: the rules do not apply to what rules consist of.
    if (store.count(BINDINGS) === 0 || attributes.resource.group === GROUP) return;
    const byVersion = new Map<ServedResource, CelVariables>();
    for (const binding of store.sorted(BINDINGS)) {
      const policy = store.get(POLICIES, undefined, binding.spec.policyName);
      const matched = policy && matchResources(policy.spec.matchConstraints, attributes, context);
      if (!matched || !matchResources(binding.spec.matchResources, attributes, context)) continue;
      const base = byVersion.get(matched) ?? requestVariables(attributes, context, matched);
      byVersion.set(matched, base);
      judge(policy, binding, { attributes, context, base });
    }
  },
};

interface Case {
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
  readonly base: CelVariables;
}

function judge(policy: KubernetesObject, binding: KubernetesObject, { attributes, context, base }: Case): void {
  const forgiving = policy.spec.failurePolicy === 'Ignore';
  const fail = (message: string) => {
    if (!forgiving) report(policy, binding, { message, reason: 'Invalid' }, attributes);
  };
  const holds = conditionsHold(policy.spec.matchConditions ?? [], base);
  if (holds === false) return;
  if (holds !== true) {
    fail(holds.error);
    return;
  }
  const params = paramsOf(policy, binding, attributes, context);
  if ('error' in params) {
    fail(`failed to configure binding: ${params.error}`);
    return;
  }
  for (const each of params.found) {
    const variables = withVariables(policy, { ...base, params: each === undefined ? null : adapt(each) });
    for (const objection of objectionsOf(policy, variables)) report(policy, binding, objection, attributes);
  }
}

/** @throws StatusError when the binding denies */
function report(
  policy: KubernetesObject,
  binding: KubernetesObject,
  objection: Objection,
  attributes: AdmissionAttributes,
) {
  const subject = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const actions: readonly string[] = binding.spec.validationActions ?? ['Deny'];
  if (actions.includes('Warn')) attributes.warn(`Validation failed for ${subject}: ${objection.message}`);
  if (!actions.includes('Deny')) return;
  const cause = `${subject} denied request: ${objection.message}`;
  const name: string = attributes.name || attributes.object?.metadata?.name || 'Unknown';
  const { message, details } = forbidden(attributes.resource, name, cause);
  const code = CODES[objection.reason] ?? 422;
  throw new StatusError(code, objection.reason, message, { ...details, causes: [{ message: cause }] });
}

type Params = { readonly found: readonly (KubernetesObject | undefined)[] } | { readonly error: string };

/** The objects that the binding names; one undefined when the policy knows no parameters. */
function paramsOf(
  { spec: { paramKind } }: KubernetesObject,
  { spec: { paramRef } }: KubernetesObject,
  { namespace: requestNamespace }: AdmissionAttributes,
  { store, tryFindCollection }: AdmissionContext,
): Params {
  if (!paramKind || !paramRef) return { found: [undefined] };
  const kind = tryFindCollection(paramKind.apiVersion, paramKind.kind);
  if (!kind) return { error: `paramKind kind \`${paramKind.apiVersion}, Kind=${paramKind.kind}\` not known` };
  const namespace: string | undefined = kind.namespaced ? paramRef.namespace || requestNamespace : undefined;
  if (kind.namespaced && !namespace)
    return { error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  const found = paramRef.name
    ? [store.get(kind.collection, namespace, paramRef.name)].filter((each) => each !== undefined)
    : store
        .sorted(kind.collection, namespace)
        .filter((each) => selectorMatches(paramRef.selector, each.metadata.labels));
  if (found.length > 0) return { found };
  if (paramRef.parameterNotFoundAction !== 'Deny') return { found: [] };
  return { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}
