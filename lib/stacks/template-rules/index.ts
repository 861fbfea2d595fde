/**
 * Our rules as a validation plugin of the CDK: it reads what was synthesized, and synthesis fails with a report.
 * https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
 *
 * They exist because the EKS rules of cdk-nag look for the classes of `aws-eks` and never fire on a cluster of `aws-eks-v2`.
 * Where one does not fit, acknowledge it with the reason, on the construct or above it:
 *
 *     Validations.of(stack).acknowledge({ id: 'drydock::cluster-endpoint-is-open', reason: 'a public demo' });
 */
import { readFileSync } from 'node:fs';
import {
  CfnElement,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { addonsComeTooEarly, clusterEndpointIsOpen, clusterIsNotLogged, secretsAreNotEncrypted } from './cluster-rules';
import { defaultGroupIsUsed, subnetsAreNotTagged } from './network-rules';
import { nodesAreNotHardened, updatesBreakBudgets, volumesAreNotEncrypted } from './node-group-rules';
import type { Template, TemplateRule } from './template-rule';

export type { Template, TemplateRule } from './template-rule';

export const templateRules: readonly TemplateRule[] = [
  clusterEndpointIsOpen,
  clusterIsNotLogged,
  secretsAreNotEncrypted,
  addonsComeTooEarly,
  updatesBreakBudgets,
  nodesAreNotHardened,
  volumesAreNotEncrypted,
  subnetsAreNotTagged,
  defaultGroupIsUsed,
];

export class TemplateRules implements IPolicyValidationPlugin {
  readonly name = 'drydock';
  readonly ruleIds = templateRules.map(({ id }) => id);

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = context.stackTemplates.flatMap(({ templatePath, stackConstructPath }) => {
      const template: Template = JSON.parse(readFileSync(templatePath, 'utf8'));
      const stack = findByPath(context.appConstruct, stackConstructPath);
      return templateRules.flatMap((rule) => violationOf(rule, template, templatePath, stack));
    });
    return { success: violations.length === 0, violations };
  }
}

function violationOf(
  rule: TemplateRule,
  template: Template,
  templatePath: string,
  stack: IConstruct | undefined,
): PolicyViolation[] {
  const broken = rule.violations(template).filter((id) => !isAcknowledged(rule, stack, id));
  if (broken.length === 0) return [];
  const violatingResources = broken.map((resourceLogicalId) => ({
    resourceLogicalId,
    templatePath,
    locations: [`Resources/${resourceLogicalId}`],
  }));
  return [{ ruleName: rule.id, description: rule.description, fix: rule.fix, severity: 'error', violatingResources }];
}

function findByPath(app: IConstruct, path: string): IConstruct | undefined {
  return app.node.findAll().find((construct) => construct.node.path === path);
}

/** Whether the resource, or a construct around it, says that the rule does not apply here. */
function isAcknowledged(rule: TemplateRule, stack: IConstruct | undefined, logicalId: string): boolean {
  if (!stack) return false;
  const resource = stack.node
    .findAll()
    .find(
      (construct) => construct instanceof CfnElement && Stack.of(construct).resolve(construct.logicalId) === logicalId,
    );
  return (resource ?? stack).node.scopes.some((scope) =>
    scope.node.metadata.some(
      ({ type, data }) =>
        type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY && JSON.stringify(data).includes(`"drydock::${rule.id}"`),
    ),
  );
}
