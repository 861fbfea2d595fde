/**
 * The transform AWS::LanguageExtensions: loops, and functions where a plain template takes none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
 *
 *     "Fn::ForEach::Groups": ["Name", ["a", "b"], { "Group${Name}": { "Type": "AWS::Logs::LogGroup" } }]
 *
 * becomes the resources `Groupa` and `Groupb`. The loops are written out before anything else looks at the template; what
 * a loop goes over may come from parameters and mappings, never from resources.
 */
import { validationError } from '../aws-error';
import type { Template, TemplateResource } from './template';

const LOOP = /^Fn::ForEach::[A-Za-z0-9]+$/;
export const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions';

/** Functions that a template has only with the transform. */
export const EXTENSION_FUNCTIONS = ['Fn::Length', 'Fn::ToJsonString'];

export function isLoop(name: string): boolean {
  return LOOP.test(name);
}

type Resolve = (value: unknown) => any;

/** The template with its loops written out. `resolve` evaluates what does not depend on resources. */
export function expandTemplate(template: Template, resolve: Resolve): Template {
  if (!template.transforms.includes(LANGUAGE_EXTENSIONS)) return template;
  const { Conditions, Resources, Outputs } = template;
  const expanded = {
    Conditions: expand(Conditions, resolve) as Template['Conditions'],
    Resources: expand(Resources, resolve) as Template['Resources'],
    Outputs: expand(Outputs, resolve) as Template['Outputs'],
  };
  return { ...template, ...expanded, Resources: withPolicies(expanded.Resources, resolve) };
}

/** Deletion policies may be functions, too. */
function withPolicies(resources: Template['Resources'], resolve: Resolve): Template['Resources'] {
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]): [string, TemplateResource] => {
      const { DeletionPolicy, UpdateReplacePolicy } = resource;
      if (typeof DeletionPolicy !== 'object' && typeof UpdateReplacePolicy !== 'object') return [id, resource];
      const policies = { DeletionPolicy: resolve(DeletionPolicy), UpdateReplacePolicy: resolve(UpdateReplacePolicy) };
      return [id, { ...resource, ...policies }];
    }),
  );
}

function expand(value: unknown, resolve: Resolve): unknown {
  if (Array.isArray(value)) return value.map((item) => expand(item, resolve));
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (!isLoop(key)) {
      out[key] = expand(member, resolve);
      continue;
    }
    for (const [name, made] of Object.entries(loop(key, member, resolve))) {
      if (Object.hasOwn(out, name)) {
        throw validationError(`Template validation error: ${key} creates ${name} which is defined already`);
      }
      out[name] = made;
    }
  }
  return out;
}

function loop(key: string, argument: unknown, resolve: Resolve): Record<string, unknown> {
  const [identifier, collection, body] = Array.isArray(argument) ? argument : [];
  const isMap = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (typeof identifier !== 'string' || !isMap) throw malformed(key);
  const values = resolve(collection);
  if (!Array.isArray(values)) throw malformed(key);
  const made: Record<string, unknown> = {};
  for (const value of values.map(String)) {
    const round = expand(substituted(body, identifier, value), resolve) as Record<string, unknown>;
    Object.assign(made, round);
  }
  return made;
}

/** `${Name}` and `{ "Ref": "Name" }` are the value, `&{Name}` is the value without what a logical id may not have. */
function substituted(value: unknown, identifier: string, replacement: string): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll(`\${${identifier}}`, replacement)
      .replaceAll(`&{${identifier}}`, replacement.replace(/[^A-Za-z0-9]/g, ''));
  }
  if (Array.isArray(value)) return value.map((item) => substituted(item, identifier, replacement));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === 'Ref' && entries[0]![1] === identifier) return replacement;
  return Object.fromEntries(
    entries.map(([key, member]) => [
      substituted(key, identifier, replacement) as string,
      substituted(member, identifier, replacement),
    ]),
  );
}

function malformed(key: string): Error {
  return validationError(`Template validation error: ${key} layout is incorrect`);
}
