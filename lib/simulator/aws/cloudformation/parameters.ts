/**
 * Parameters: what the caller gave, what the template defaults to, what Parameter Store holds.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
import { validationError } from '../aws-error';
import type { Scope } from '../service';
import { tryParameter } from '../ssm/service';
import type { Template, TemplateParameter } from './template';

export interface StackParameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
  /** What Parameter Store held, for `AWS::SSM::Parameter::Value<...>`. */
  readonly ResolvedValue?: string;
}

export interface ParameterInput {
  readonly ParameterKey: string;
  readonly ParameterValue?: string;
  readonly UsePreviousValue?: boolean | string;
}

/** Every parameter of the template with its value; defaults are echoed. In the template's order. */
export function resolveParameters(
  scope: Scope,
  template: Template,
  given: readonly ParameterInput[],
  previous: readonly StackParameter[] = [],
): StackParameter[] {
  const byKey = new Map(given.map((parameter) => [parameter.ParameterKey, parameter]));
  const unknown = [...byKey.keys()].filter((key) => !Object.hasOwn(template.Parameters, key));
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing: string[] = [];
  const values = Object.entries(template.Parameters).flatMap(([key, definition]) => {
    const value = givenValue(byKey.get(key), key, definition, previous);
    if (value === undefined) {
      missing.push(key);
      return [];
    }
    checkValue(key, value, definition);
    return [{ ParameterKey: key, ParameterValue: value, ...resolved(scope, definition, value) }];
  });
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return values;
}

/** The values as intrinsic functions see them: lists are lists. */
export function parameterValues(
  template: Template,
  parameters: readonly StackParameter[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    parameters.map(({ ParameterKey, ParameterValue, ResolvedValue }) => {
      const type = template.Parameters[ParameterKey]?.Type ?? 'String';
      const value = ResolvedValue ?? ParameterValue;
      return [ParameterKey, isList(type) ? value.split(',').map((item) => item.trim()) : value];
    }),
  );
}

function isList(type: string): boolean {
  return type === 'CommaDelimitedList' || /^List<|<List<|<CommaDelimitedList>/.test(type);
}

function givenValue(
  given: ParameterInput | undefined,
  key: string,
  definition: TemplateParameter,
  previous: readonly StackParameter[],
): string | undefined {
  if (given && String(given.UsePreviousValue) === 'true') {
    return previous.find(({ ParameterKey }) => ParameterKey === key)?.ParameterValue;
  }
  if (given?.ParameterValue !== undefined) return String(given.ParameterValue);
  return definition.Default === undefined ? undefined : String(definition.Default);
}

function resolved(scope: Scope, definition: TemplateParameter, value: string): { ResolvedValue?: string } {
  if (!definition.Type.startsWith('AWS::SSM::Parameter::Value<')) return {};
  const parameter = tryParameter(scope, value);
  if (!parameter) {
    throw validationError(`Unable to fetch parameters [${value}] from parameter store for this account.`);
  }
  return { ResolvedValue: parameter.Value };
}

function checkValue(key: string, value: string, definition: TemplateParameter): void {
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue, Type } = definition;
  const fail = (message: string) =>
    validationError(
      definition.ConstraintDescription
        ? `Parameter ${key} failed to satisfy constraint: ${definition.ConstraintDescription}`
        : message,
    );
  if (AllowedValues && !AllowedValues.map(String).includes(value)) {
    throw fail(`Parameter '${key}' must be one of AllowedValues`);
  }
  if (AllowedPattern && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    throw fail(`Parameter ${key} failed to satisfy constraint: must match pattern ${AllowedPattern}`);
  }
  if (Type === 'Number' && (value === '' || Number.isNaN(Number(value)))) {
    throw fail(`Parameter '${key}' must be a number.`);
  }
  if (MinLength !== undefined && value.length < Number(MinLength)) {
    throw fail(`Parameter '${key}' must contain at least ${MinLength} characters`);
  }
  if (MaxLength !== undefined && value.length > Number(MaxLength)) {
    throw fail(`Parameter '${key}' must contain at most ${MaxLength} characters`);
  }
  if (MinValue !== undefined && Number(value) < Number(MinValue)) {
    throw fail(`Parameter '${key}' must be a number not less than ${MinValue}`);
  }
  if (MaxValue !== undefined && Number(value) > Number(MaxValue)) {
    throw fail(`Parameter '${key}' must be a number not greater than ${MaxValue}`);
  }
}
