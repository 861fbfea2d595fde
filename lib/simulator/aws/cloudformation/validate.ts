/**
 * What CloudFormation checks before it starts anything: every name in the template means something.
 */
import { notSimulated, validationError } from '../aws-error';
import { tryResourceType } from '../resource-types';
import type { Scope } from '../service';
import { dependenciesOf, referencesOf, tryCycle } from './graph';
import { EXTENSION_FUNCTIONS, LANGUAGE_EXTENSIONS } from './language-extensions';
import type { Template } from './template';

const PSEUDO = /^AWS::(AccountId|Region|Partition|URLSuffix|StackName|StackId|NotificationARNs|NoValue)$/;

/** Checks that need no parameter values. @throws ValidationError in CloudFormation's words. */
export function validateTemplate(template: Template, scope: Scope): void {
  checkSize(template);
  checkTypes(template, scope);
  checkFunctions(template);
  checkPolicies(template);
  checkNames(template, 'Resources', scope);
  checkNames(template, 'Outputs', scope);
  checkConditions(template);
}

/** Checks among the resources whose conditions hold. @throws ValidationError */
export function validateActive(template: Template, active: ReadonlySet<string>): void {
  const missing = new Set<string>();
  const dependencies = new Map<string, Set<string>>();
  for (const id of active) {
    // DependsOn on a resource that its condition left out is dropped; a reference to it is an error.
    const { DependsOn: _, ...withoutDependsOn } = template.Resources[id]!;
    for (const need of dependenciesOf(withoutDependsOn, (name) => Object.hasOwn(template.Resources, name))) {
      if (!active.has(need) && !isGuarded(template, id)) missing.add(need);
    }
    dependencies.set(
      id,
      dependenciesOf(template.Resources[id]!, (name) => active.has(name)),
    );
  }
  if (missing.size > 0) throw unresolved([...missing], 'Resources');
  const cycle = tryCycle(dependencies);
  if (cycle) throw validationError(`Circular dependency between resources: [${cycle.join(', ')}]`);
}

/** Whether the resource chooses with Fn::If: then a reference may stand in the branch that is not taken. */
function isGuarded(template: Template, id: string): boolean {
  return referencesOf(template.Resources[id]!.Properties).conditions.size > 0;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const LIMITS = { Resources: 500, Parameters: 200, Outputs: 200, Mappings: 200 } as const;

function checkSize(template: Template): void {
  for (const [section, limit] of Object.entries(LIMITS) as [keyof typeof LIMITS, number][]) {
    const count = Object.keys(template[section]).length;
    if (count <= limit) continue;
    const what = section.toLowerCase();
    throw validationError(
      `Template format error: Number of ${what}, ${count}, is greater than maximum allowed, ${limit}`,
    );
  }
}

function checkFunctions({ transforms, Resources, Outputs, Conditions }: Template): void {
  if (transforms.includes(LANGUAGE_EXTENSIONS)) return;
  const text = JSON.stringify({ Resources, Outputs, Conditions });
  for (const name of EXTENSION_FUNCTIONS) {
    if (!text.includes(`{"${name}":`)) continue;
    throw validationError(`Template format error: ${name} is not supported without '${LANGUAGE_EXTENSIONS}' transform`);
  }
}

function checkTypes(template: Template, scope: Scope): void {
  const unknown = new Set(
    Object.values(template.Resources)
      .map(({ Type }) => Type)
      .filter((type) => !tryResourceType(type, scope)),
  );
  if (unknown.size > 0) {
    const types = [...unknown].join(', ');
    const hint = 'drydock does not simulate them (see docs/fidelity.md)';
    throw validationError(`Template format error: Unrecognized resource types: [${types}]: ${hint}`);
  }
}

/** No type that is simulated can be kept as a snapshot, and nobody sends the signals that a creation policy waits for. */
function checkPolicies(template: Template): void {
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.DeletionPolicy === 'Snapshot' || resource.UpdateReplacePolicy === 'Snapshot') {
      throw validationError(`Template error: resource type ${resource.Type} does not support deletion policy Snapshot`);
    }
    if (resource.CreationPolicy !== undefined) throw notSimulated(`The CreationPolicy of the resource ${id}`);
  }
}

function checkNames(template: Template, block: 'Resources' | 'Outputs', scope: Scope): void {
  const missing = new Set<string>();
  for (const entry of Object.values<any>(template[block])) {
    const { names, attributes } = referencesOf(entry);
    for (const name of names) {
      if (name.startsWith('AWS::') ? !PSEUDO.test(name) : !isDefined(template, name)) missing.add(name);
    }
    for (const [id, attribute] of attributes) checkAttribute(template, id, attribute, scope);
    for (const id of [entry.DependsOn ?? []].flat()) {
      if (!Object.hasOwn(template.Resources, id)) missing.add(id);
    }
  }
  if (missing.size > 0) throw unresolved([...missing], block);
}

function checkAttribute(template: Template, id: string, attribute: string, scope: Scope): void {
  const resource = template.Resources[id];
  if (!resource) throw validationError(`Template error: instance of Fn::GetAtt references undefined resource ${id}`);
  const type = tryResourceType(resource.Type, scope)!;
  if (attribute.startsWith('[object') || type.attribute || Object.hasOwn(type.attributes ?? {}, attribute)) return;
  throw validationError(`Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt`);
}

function checkConditions(template: Template): void {
  const check = (name: string) => {
    if (!Object.hasOwn(template.Conditions, name)) {
      throw validationError(`Template format error: Unresolved condition dependency ${name}`);
    }
  };
  for (const resource of Object.values(template.Resources)) {
    if (resource.Condition !== undefined) check(resource.Condition);
    for (const name of referencesOf(resource.Properties).conditions) check(name);
  }
  for (const output of Object.values(template.Outputs)) if (output.Condition !== undefined) check(output.Condition);
}

function isDefined(template: Template, name: string): boolean {
  return Object.hasOwn(template.Resources, name) || Object.hasOwn(template.Parameters, name);
}

function unresolved(names: readonly string[], block: string): Error {
  return validationError(
    `Template format error: Unresolved resource dependencies [${names.join(', ')}] in the ${block} block of the template`,
  );
}
