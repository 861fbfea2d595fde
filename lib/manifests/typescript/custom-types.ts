/**
 * CustomResourceDefinitions as TypeScript: a module with the types of a group and a class per kind: `drydock import crd`.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
import { compareVersions, type DefinitionSpec } from '../../kubernetes/custom-resources/definition';
import type { JsonSchema } from '../../kubernetes/custom-resources/json-schema';
import { propertyName, text } from './literal';

/** @param origin named in the first line; @param source where this library is imported from */
export function customModule(definitions: readonly DefinitionSpec[], origin: string): string {
  const kinds = definitions.flatMap((spec) => {
    const served = spec.versions.filter((version) => version.served).sort((a, b) => compareVersions(a.name, b.name));
    return served.map((version, index) => {
      // The preferred version has the kind's own name; others say which they are.
      const name =
        index === 0 ? spec.names.kind : `${spec.names.kind}${version.name[0]!.toUpperCase()}${version.name.slice(1)}`;
      return { spec, version, name, apiVersion: `${spec.group}/${version.name}` };
    });
  });
  const taken = uniqueNames(kinds.map(({ name, spec }) => ({ name, group: spec.group })));
  const parts = kinds.map(({ spec, version, apiVersion }, index) =>
    printKind(taken[index]!, spec.names.kind, apiVersion, version.schema?.openAPIV3Schema ?? {}),
  );
  const entries = kinds.map(
    ({ spec, apiVersion }, index) => `    '${apiVersion}/${spec.names.kind}': ${taken[index]};\n`,
  );
  return [
    `/** Types and classes of the custom resources in ${origin}. Written by \`drydock import crd\`; run it again rather than editing. */`,
    "import { customKind, type metav1 } from 'eks-drydock/manifests';",
    '',
    parts.join('\n'),
    "declare module 'eks-drydock/manifests' {",
    '  interface KindTypes {',
    `${entries.join('')}  }`,
    '}',
    '',
  ].join('\n');
}

/** Two groups may have a kind of one name. */
function uniqueNames(kinds: readonly { readonly name: string; readonly group: string }[]): string[] {
  return kinds.map(({ name, group }) => {
    const same = kinds.filter((each) => each.name === name);
    if (same.length === 1) return name;
    const prefix = group.split('.')[0]!;
    return `${prefix[0]!.toUpperCase()}${prefix.slice(1).replaceAll(/[^A-Za-z0-9]/g, '')}${name}`;
  });
}

function printKind(name: string, kind: string, apiVersion: string, schema: JsonSchema): string {
  const types: string[] = [];
  const { apiVersion: _a, kind: _k, metadata: _m, ...own } = schema.properties ?? {};
  const fields = Object.entries(own).map(([field, each]) => {
    const required = schema.required?.includes(field) ?? false;
    return printField(field, each, required, `${name}${capital(field)}`, types);
  });
  const head = [
    documentation(schema.description, ''),
    `export interface ${name} {\n`,
    `  apiVersion: '${apiVersion}';\n  kind: '${kind}';\n  metadata: metav1.ObjectMeta;\n`,
    ...fields,
    '}\n',
  ].join('');
  // A value and a type of one name: the class, and what its objects look like.
  const factory = `export const ${name} = customKind('${apiVersion}', '${kind}');\n`;
  return [head, ...types, factory].join('\n');
}

const capital = (word: string): string => {
  const plain = word.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '');
  return plain === '' ? 'Field' : plain[0]!.toUpperCase() + plain.slice(1);
};

function printField(field: string, schema: JsonSchema, required: boolean, typeName: string, types: string[]): string {
  return `${documentation(schema.description, '  ')}  ${propertyName(field)}${required ? '' : '?'}: ${typeOf(schema, typeName, types)};\n`;
}

/** The type, and the interfaces that it needs into `types`. */
function typeOf(schema: JsonSchema, name: string, types: string[]): string {
  const plain = plainType(schema, name, types);
  return schema.nullable ? `${plain} | null` : plain;
}

function plainType(schema: JsonSchema, name: string, types: string[]): string {
  if (schema['x-kubernetes-int-or-string']) return 'number | string';
  if (schema.enum) {
    return (
      schema.enum.map((word) => (typeof word === 'string' ? text(word) : JSON.stringify(word))).join(' | ') || 'never'
    );
  }
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? {}, `${name}Item`, types);
      return /[ |]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectType(schema, name, types);
    default:
      return 'unknown';
  }
}

function objectType(schema: JsonSchema, name: string, types: string[]): string {
  const { properties, additionalProperties } = schema;
  if (properties === undefined || Object.keys(properties).length === 0) {
    const value =
      typeof additionalProperties === 'object' ? typeOf(additionalProperties, `${name}Value`, types) : 'unknown';
    return `{ [key: string]: ${value} }`;
  }
  const place = types.push('') - 1;
  const fields = Object.entries(properties).map(([field, each]) => {
    const required = (schema.required?.includes(field) ?? false) && each.default === undefined;
    return printField(field, each, required, `${name}${capital(field)}`, types);
  });
  const open = schema['x-kubernetes-preserve-unknown-fields'] ? '  [field: string]: unknown;\n' : '';
  types[place] = `export interface ${name} {\n${fields.join('')}${open}}\n`;
  return name;
}

/** The first sentence is what one reads while typing. */
function documentation(description: string | undefined, indent: string): string {
  const sentence = description
    ?.replaceAll(/\s+/g, ' ')
    .replaceAll('*/', '*\\/')
    .trim()
    .split(/(?<=\.)\s/)[0];
  return sentence ? `${indent}/** ${sentence} */\n` : '';
}
