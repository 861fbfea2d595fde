/**
 * Checks the expressions of a policy against the types that it is about, and says in its status what cannot be right.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
 *
 * The policy is in force whatever the check says. Rules with wildcards and subresources are left out, as is what is not
 * built in.
 */
import { DYN, type StaticType } from '../../../kubernetes/cel/check';
import { compileCel } from '../../../kubernetes/cel/program';
import { staticTypeOfSchema } from '../../../kubernetes/cel/schema-types';
import { CelCompileError } from '../../../kubernetes/cel/syntax';
import { admissionVariables, type Variables } from '../../../kubernetes/kinds/admission-expressions';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { ServedResource } from '../api-server/resources';
import type { ControllerContext, ControllerDefinition } from './controller';

const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';
/** A policy about more types than these is checked against the first. */
const MAX_TYPES = 10;

export const policyStatusController: ControllerDefinition = {
  name: 'validatingadmissionpolicy-status-controller',
  serviceAccount: 'validatingadmissionpolicy-status-controller',
  create: (context) => ({
    watches: [{ collection: POLICIES }],
    reconcile(name) {
      const policy = context.store.get(POLICIES, undefined, name);
      const generation = policy?.metadata.generation;
      if (!policy || policy.status?.observedGeneration === generation) return undefined;
      const expressionWarnings = warningsOf(context, policy);
      const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
      const status = { ...policy.status, observedGeneration: generation, typeChecking };
      context.client.updateStatus(POLICIES, { ...policy, status });
      return undefined;
    },
  }),
};

interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

function warningsOf(context: ControllerContext, policy: KubernetesObject): ExpressionWarning[] {
  const types = typesOf(context, policy);
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string | undefined) => {
    if (!expression) return;
    const problems = types.flatMap((type) => {
      const problem = problemOf(expression, variablesFor(policy, type));
      return problem ? [`${type.group}/${type.version}, Kind=${type.kind}: ${problem}\n`] : [];
    });
    if (problems.length > 0) warnings.push({ fieldRef, warning: problems.join('\n') });
  };
  for (const [i, { expression, messageExpression }] of (policy.spec.validations ?? []).entries()) {
    check(`spec.validations[${i}].expression`, expression);
    check(`spec.validations[${i}].messageExpression`, messageExpression);
  }
  return warnings;
}

/** The types that the rules name, ordered by their names. */
function typesOf({ resources }: ControllerContext, { spec }: KubernetesObject): readonly ServedResource[] {
  const rules: readonly any[] = spec.matchConstraints?.resourceRules ?? [];
  const isNamed = ({ group, version, resource }: ServedResource) =>
    rules.some(
      ({ apiGroups, apiVersions, resources: plurals }) =>
        ![...apiGroups, ...apiVersions, ...plurals].includes('*') &&
        apiGroups.includes(group) &&
        apiVersions.includes(version) &&
        plurals.includes(resource),
    );
  const served = resources.groups().flatMap(({ versions }) => versions.flatMap((each) => each.resources));
  const found = served.filter((each) => !each.custom && isNamed(each));
  const nameOf = ({ group, version, kind }: ServedResource) => `${group}/${version}/${kind}`;
  return found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).slice(0, MAX_TYPES);
}

function variablesFor({ spec }: KubernetesObject, { schema }: ServedResource): Variables {
  const object = staticTypeOfSchema(schema);
  const withObject = (variables: Map<string, StaticType>): Variables =>
    new Map([
      ...admissionVariables({ params: spec.paramKind !== undefined, variables }),
      ['object', object],
      ['oldObject', object],
    ]);
  const declared = new Map<string, StaticType>();
  for (const { name, expression } of spec.variables ?? []) {
    declared.set(name, tryTypeOf(expression, withObject(declared)));
  }
  return withObject(declared);
}

function tryTypeOf(expression: string, variables: Variables): StaticType {
  try {
    return compileCel(expression, variables).type;
  } catch (error) {
    if (error instanceof CelCompileError) return DYN;
    throw error;
  }
}

function problemOf(expression: string, variables: Variables): string | undefined {
  try {
    compileCel(expression, variables);
    return undefined;
  } catch (error) {
    if (error instanceof CelCompileError) return error.message;
    throw error;
  }
}
