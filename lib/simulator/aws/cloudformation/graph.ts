/**
 * Which resource needs which: what `DependsOn` says and what references imply. And the order that follows.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
 */
import { splitAttribute, type TemplateResource } from './template';

/** Everything a value refers to. */
export interface References {
  /** Names in Ref and Fn::Sub: resources, parameters or pseudo parameters. */
  readonly names: Set<string>;
  /** `[logical id, attribute]` of Fn::GetAtt, in order. */
  readonly attributes: (readonly [string, string])[];
  readonly conditions: Set<string>;
}

export function referencesOf(value: unknown): References {
  const found: References = { names: new Set(), attributes: [], conditions: new Set() };
  collect(value, found);
  return found;
}

function collect(value: unknown, found: References): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, argument] of Object.entries(value as Record<string, any>)) {
    if (key === 'Ref' && typeof argument === 'string') found.names.add(argument);
    else if (key === 'Fn::GetAtt') collectAttribute(argument, found);
    else if (key === 'Fn::Sub') collectSubstitution(argument, found);
    else if (key === 'Fn::If' && Array.isArray(argument)) found.conditions.add(String(argument[0]));
    collect(argument, found);
  }
}

function collectAttribute(argument: any, found: References): void {
  const [id, attribute] = typeof argument === 'string' ? splitAttribute(argument) : argument;
  found.attributes.push([String(id), String(attribute)]);
}

function collectSubstitution(argument: any, found: References): void {
  const [pattern, variables] = Array.isArray(argument) ? argument : [argument, {}];
  for (const match of String(pattern).matchAll(/\$\{([^}!][^}]*)\}/g)) {
    const name = match[1]!.trim();
    if (Object.hasOwn(variables ?? {}, name)) continue;
    const [id, attribute] = splitAttribute(name);
    if (attribute === undefined || name.startsWith('AWS::')) found.names.add(name);
    else found.attributes.push([id!, attribute]);
  }
}

/** The logical ids that a resource needs. Names that are no resource (parameters) are dropped by `isResource`. */
export function dependenciesOf(resource: TemplateResource, isResource: (name: string) => boolean): Set<string> {
  const { names, attributes } = referencesOf(resource.Properties);
  const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
  const all = [...explicit, ...names, ...attributes.map(([id]) => id)];
  return new Set(all.filter(isResource));
}

/** One cycle among the nodes, or undefined. */
export function tryCycle(dependencies: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): string[] | undefined => {
    if (done.has(node)) return undefined;
    const start = path.indexOf(node);
    if (start >= 0) return path.slice(start);
    path.push(node);
    for (const next of dependencies.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of dependencies.keys()) {
    const cycle = visit(node);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The same edges, turned around: who needs me. */
export function reversed(dependencies: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>([...dependencies.keys()].map((node) => [node, new Set()]));
  for (const [node, needs] of dependencies) for (const need of needs) out.get(need)?.add(node);
  return out;
}
