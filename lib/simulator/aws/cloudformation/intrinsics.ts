/**
 * The intrinsic functions and pseudo parameters.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 *
 * `evaluate` walks a value and resolves every function in it against an Evaluation, which says what names mean.
 * Left out: Fn::Transform, Fn::ForEach, dynamic references to Secrets Manager.
 */
import { notSimulated, validationError } from '../aws-error';
import { ipv6Groups } from '../ec2/ipv6';
import { availabilityZonesOf } from '../regions';
import type { Scope } from '../service';
import { findParameter } from '../ssm/service';
import { splitAttribute, type Template } from './template';

/** `AWS::NoValue`: whoever holds it leaves the member out. */
const NO_VALUE = Symbol('AWS::NoValue');

export interface Evaluation extends Scope {
  readonly template: Template;
  readonly stackName: string;
  readonly stackId: string;
  readonly notificationArns: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  condition(name: string): boolean;
  /** The Ref of a resource. */
  ref(logicalId: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
}

export function evaluate(value: unknown, env: Evaluation): any {
  const result = walk(value, env);
  return result === NO_VALUE ? undefined : result;
}

/** The conditions of a template, each evaluated once, when first asked for. */
export function conditionsOf(template: Template, env: () => Evaluation): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (!Object.hasOwn(template.Conditions, name)) {
      throw validationError(`Template format error: Unresolved condition dependency ${name}`);
    }
    const result = walk(template.Conditions[name], env()) === true;
    known.set(name, result);
    return result;
  };
}

function walk(value: unknown, env: Evaluation): unknown {
  if (typeof value === 'string') return value.includes('{{resolve:') ? resolveDynamic(value, env) : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, env)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1) {
    const name = keys[0]!;
    const argument = (value as Record<string, unknown>)[name];
    if (name === 'Ref') return ref(String(argument), env);
    if (name === 'Condition' && typeof argument === 'string') return env.condition(argument);
    if (name.startsWith('Fn::')) {
      const run = FUNCTIONS[name];
      if (!run) throw validationError(`Template error: ${name} is not a supported intrinsic function`);
      return run(argument, env);
    }
  }
  const out: Record<string, unknown> = {};
  for (const key of keys) {
    const member = walk((value as Record<string, unknown>)[key], env);
    if (member !== NO_VALUE) out[key] = member;
  }
  return out;
}

function ref(name: string, env: Evaluation): unknown {
  switch (name) {
    case 'AWS::AccountId':
      return env.account.accountId;
    case 'AWS::Region':
      return env.region;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return env.stackName;
    case 'AWS::StackId':
      return env.stackId;
    case 'AWS::NotificationARNs':
      return [...env.notificationArns];
    case 'AWS::NoValue':
      return NO_VALUE;
  }
  return Object.hasOwn(env.parameters, name) ? env.parameters[name] : env.ref(name);
}

type IntrinsicFunction = (argument: any, env: Evaluation) => unknown;

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  'Fn::GetAtt': (argument, env) => {
    const [id, attribute] = typeof argument === 'string' ? splitAttribute(argument) : argument;
    return env.getAtt(id, String(walk(attribute, env)));
  },
  'Fn::Join': (argument, env) => {
    const [delimiter, list] = argumentsOf('Fn::Join', argument, 2);
    const items = walk(list, env);
    if (!Array.isArray(items))
      throw malformed(
        'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
      );
    return items.map((item) => text(item, 'Fn::Join')).join(String(delimiter));
  },
  'Fn::Sub': (argument, env) => {
    const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return substitute(String(pattern), (name) => {
      if (Object.hasOwn(variables ?? {}, name)) return walk(variables[name], env);
      const [id, attribute] = splitAttribute(name);
      return attribute === undefined ? ref(name, env) : env.getAtt(id!, attribute);
    });
  },
  'Fn::Select': (argument, env) => {
    const [index, list] = argumentsOf('Fn::Select', argument, 2);
    const items = walk(list, env);
    const position = Number(walk(index, env));
    if (!Array.isArray(items) || items[position] === undefined) {
      throw malformed(`Fn::Select cannot select nonexistent value at index ${position}`);
    }
    return items[position];
  },
  'Fn::Split': (argument, env) => {
    const [delimiter, source] = argumentsOf('Fn::Split', argument, 2);
    return text(walk(source, env), 'Fn::Split').split(String(delimiter));
  },
  'Fn::If': (argument, env) => {
    const [condition, whenTrue, whenFalse] = argumentsOf('Fn::If', argument, 3);
    return walk(env.condition(String(condition)) ? whenTrue : whenFalse, env);
  },
  'Fn::Equals': (argument, env) => {
    const [left, right] = argumentsOf('Fn::Equals', argument, 2).map((item) => walk(item, env));
    return JSON.stringify(scalar(left)) === JSON.stringify(scalar(right));
  },
  'Fn::And': (argument, env) => argument.every((item: unknown) => walk(item, env) === true),
  'Fn::Or': (argument, env) => argument.some((item: unknown) => walk(item, env) === true),
  'Fn::Not': (argument, env) => walk(argument[0], env) !== true,
  'Fn::Contains': (argument, env) => {
    const [list, value] = argumentsOf('Fn::Contains', argument, 2).map((item) => walk(item, env));
    return (list as unknown[]).map(String).includes(String(value));
  },
  'Fn::Base64': (argument, env) => Buffer.from(text(walk(argument, env), 'Fn::Base64')).toString('base64'),
  'Fn::GetAZs': (argument, env) => availabilityZonesOf(String(walk(argument, env) || env.region)),
  'Fn::ImportValue': (argument, env) => env.importValue(text(walk(argument, env), 'Fn::ImportValue')),
  'Fn::FindInMap': (argument, env) => {
    const [map, first, second, options] = argument.map((item: unknown) => walk(item, env));
    const found = env.template.Mappings[map]?.[first]?.[second];
    if (found !== undefined) return found;
    if (options?.DefaultValue !== undefined) return options.DefaultValue;
    throw malformed(`Unable to get mapping for ${map}::${first}::${second}`);
  },
  'Fn::Cidr': (argument, env) => {
    const [block, count, bits] = argument.map((item: unknown) => walk(item, env));
    return cidrs(String(block), Number(count), Number(bits ?? 8));
  },
  'Fn::Length': (argument, env) => (walk(argument, env) as unknown[]).length,
  'Fn::ToJsonString': (argument, env) => JSON.stringify(walk(argument, env)),
  'Fn::Transform': (argument) => {
    throw notSimulated(`Fn::Transform (${argument?.Name})`);
  },
};

function argumentsOf(name: string, argument: unknown, count: number): unknown[] {
  if (!Array.isArray(argument) || argument.length !== count) {
    throw malformed(`every ${name} object requires ${count} parameters.`);
  }
  return argument;
}

function malformed(message: string): Error {
  return validationError(`Template error: ${message}`);
}

function scalar(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function text(value: unknown, where: string): string {
  if (typeof value === 'object') throw malformed(`every ${where} value must resolve to a string.`);
  return String(value);
}

/** `${A.Arn}` names a value, `${!A}` is the literal `${A}`. */
export function substitute(pattern: string, lookUp: (name: string) => unknown): string {
  return pattern.replace(/\$\{([^}]*)\}/g, (_, name: string) =>
    name.startsWith('!') ? `\${${name.slice(1)}}` : text(lookUp(name.trim()), 'Fn::Sub'),
  );
}

/** `{{resolve:ssm:/name:version}}`, anywhere in a string. */
function resolveDynamic(value: string, env: Evaluation): string {
  return value.replace(/\{\{resolve:([a-z-]+):([^}]*)\}\}/g, (whole, service: string, rest: string) => {
    if (service === 'ssm') return findParameter(env, rest).Value;
    throw notSimulated(`The dynamic reference ${whole}`);
  });
}

/**
 * `count` blocks with `bits` host bits each, from the start of `block`.
 * `cidrs('10.0.0.0/16', 3, 8)` = `10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24`.
 */
export function cidrs(block: string, count: number, bits: number): string[] {
  if (block.includes(':')) return ipv6Cidrs(block, count, bits);
  const [address, prefix] = block.split('/') as [string, string];
  const size = 2 ** bits;
  if (size * count > 2 ** (32 - Number(prefix))) {
    throw malformed(`Fn::Cidr cannot fit ${count} blocks of ${bits} bits into ${block}`);
  }
  const base = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return Array.from({ length: count }, (_, i) => {
    const start = base + i * size;
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
    return `${octets.join('.')}/${32 - bits}`;
  });
}

/** `ipv6Cidrs('2001:db8:0:100::/56', 2, 64)` = `2001:db8:0:100::/64, 2001:db8:0:101::/64`. */
function ipv6Cidrs(block: string, count: number, bits: number): string[] {
  const [address, prefix] = block.split('/') as [string, string];
  if (count * 2 ** bits > 2 ** (128 - Number(prefix))) {
    throw malformed(`Fn::Cidr cannot fit ${count} blocks of ${bits} bits into ${block}`);
  }
  const base = ipv6Groups(address).reduce((sum, group) => sum * 65_536n + BigInt(group), 0n);
  return Array.from({ length: count }, (_, i) => {
    const start = base + (BigInt(i) << BigInt(bits));
    const groups = [7, 6, 5, 4, 3, 2, 1, 0].map((n) => ((start >> BigInt(16 * n)) & 0xffffn).toString(16));
    return `${groups.join(':').replace(/(:0)+$/, '::')}/${128 - bits}`;
  });
}
