/**
 * Turns a request to make or change a stack into something that can be started, or refuses it: the template is read and
 * checked, parameters have values, rules hold, capabilities are acknowledged. Nothing has happened yet when this throws.
 */
import { AwsError, validationError } from '../aws-error';
import { findObjectByUrl } from '../s3/state';
import type { Scope, WireObject } from '../service';
import type { Tag } from '../tags';
import { createEvaluation } from './environment';
import { type Evaluation, evaluate } from './intrinsics';
import { expandTemplate } from './language-extensions';
import { resolveParameters, type StackParameter } from './parameters';
import type { Stack } from './state';
import { parseTemplate, type Template } from './template';
import { validateActive, validateTemplate } from './validate';

/** A stack as it is wanted. */
export interface DesiredStack {
  readonly template: Template;
  readonly templateBody: string;
  readonly parameters: readonly StackParameter[];
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
  readonly notificationArns: readonly string[];
  readonly roleArn?: string;
  /** Logical ids whose conditions hold, in the template's order. */
  readonly active: ReadonlySet<string>;
}

/** The template of a request: inline, in a bucket, or the one the stack has. */
export function readTemplate(
  scope: Scope,
  input: WireObject,
  previous?: Pick<Stack, 'template' | 'templateBody'>,
): { template: Template; templateBody: string } {
  if (input.TemplateBody !== undefined) {
    const templateBody = String(input.TemplateBody);
    return { templateBody, template: parseTemplate(templateBody) };
  }
  if (input.TemplateURL !== undefined) {
    const templateBody = readUrl(scope, String(input.TemplateURL));
    return { templateBody, template: parseTemplate(templateBody, 'url') };
  }
  if (previous && String(input.UsePreviousTemplate) === 'true') return previous;
  throw validationError('Either Template URL or Template Body must be specified.');
}

function readUrl(scope: Scope, url: string): string {
  try {
    return findObjectByUrl(scope, url).body.toString('utf8');
  } catch (error) {
    const reason = error instanceof AwsError ? error.message : 'the URL is malformed';
    throw validationError(
      `S3 error: ${reason} For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
}

export function prepareStack(scope: Scope, input: WireObject, previous?: Stack): DesiredStack {
  const { template: written, templateBody } = readTemplate(scope, input, previous);
  const parameters = resolveParameters(scope, written, input.Parameters ?? [], previous?.parameters);
  const stackName = previous?.name ?? String(input.StackName);
  const evaluation = (of: Template) =>
    createEvaluation(scope, {
      template: of,
      parameters,
      stackName,
      stackId: previous?.id ?? stackName,
      notificationArns: input.NotificationARNs,
    });
  const template = expandTemplate(written, (value) => evaluate(value, evaluation(written)));
  validateTemplate(template, scope);
  const env = evaluation(template);
  checkRules(template, env);
  const active = new Set(
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Condition === undefined || env.condition(resource.Condition))
      .map(([id]) => id),
  );
  validateActive(template, active);
  const capabilities: string[] = input.Capabilities ?? [];
  checkCapabilities(template, active, capabilities);
  // A change set shows what a transform makes; whoever does without has to say that he knows.
  if (template.transforms.length > 0 && !input.ChangeSetName && !capabilities.includes('CAPABILITY_AUTO_EXPAND')) {
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_AUTO_EXPAND]');
  }
  return {
    template,
    templateBody,
    parameters,
    tags: input.Tags ?? previous?.tags ?? [],
    capabilities,
    notificationArns: input.NotificationARNs ?? previous?.notificationArns ?? [],
    roleArn: input.RoleARN ?? previous?.roleArn,
    active,
  };
}

function checkRules(template: Template, env: Evaluation): void {
  for (const [name, rule] of Object.entries(template.Rules)) {
    if (rule.RuleCondition !== undefined && evaluate(rule.RuleCondition, env) !== true) continue;
    for (const assertion of rule.Assertions ?? []) {
      if (evaluate(assertion.Assert, env) === true) continue;
      const description = assertion.AssertDescription ?? 'the assertion does not hold';
      throw validationError(`Template validation error: Rule ${name} failed: ${description}`);
    }
  }
}

const NAME_PROPERTIES = ['RoleName', 'PolicyName', 'ManagedPolicyName', 'InstanceProfileName', 'GroupName', 'UserName'];
const IAM_TYPE = /^AWS::IAM::(Role|ManagedPolicy|InstanceProfile|Group|User|Policy|AccessKey|UserToGroupAddition)$/;

function checkCapabilities(template: Template, active: ReadonlySet<string>, given: readonly string[]): void {
  const iam = [...active].map((id) => template.Resources[id]!).filter(({ Type }) => IAM_TYPE.test(Type));
  if (iam.length === 0) return;
  const isNamed = iam.some(
    ({ Type, Properties }) =>
      Type !== 'AWS::IAM::Policy' && NAME_PROPERTIES.some((name) => Properties?.[name] !== undefined),
  );
  const needed = isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
  if (given.includes('CAPABILITY_NAMED_IAM') || given.includes(needed)) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}
