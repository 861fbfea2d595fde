/**
 * Manifests as a TypeScript program that makes the same objects, field by field: `drydock import yaml`.
 *
 * Kinds that have a class get it; what the class would not take as it is (custom kinds, nulls, status, fields that no schema knows)
 * is included as plain data. A namespace that all objects share is said once, by the app.
 */
import { type KubernetesObject, parseApiVersion } from '../../kubernetes/object';
import { tryResourceOfKind } from '../../kubernetes/resources';
import { decode } from '../../kubernetes/schema/decode';
import { trySchemaOf } from '../../kubernetes/schema/schema';
import * as generated from '../kinds.generated';
import * as written from '../workloads';
import { literal } from './literal';

/** Kinds that can be said as classes, with the apiVersion that the class stands for. */
const classes = new Map<string, string>(
  Object.entries({ ...generated, ...written }).flatMap(([name, value]) => {
    const { apiVersion } = value as { apiVersion?: unknown };
    return typeof apiVersion === 'string' ? [[name, apiVersion] as const] : [];
  }),
);

/** @param origin named in the first line of the program */
export function programOf(objects: readonly KubernetesObject[], origin: string): string {
  const namespace = sharedNamespace(objects);
  const used = new Set<string>(['App']);
  const statements = objects.map((object) => statement(object, namespace, used));
  const imports = [...used].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const oneLine = `import { ${imports.join(', ')} } from 'eks-drydock/manifests';`;
  const importLine =
    oneLine.length <= 120
      ? oneLine
      : `import {\n${imports.map((name) => `  ${name},\n`).join('')}} from 'eks-drydock/manifests';`;
  const app = namespace === undefined ? 'new App()' : `new App({ namespace: ${literal(namespace)} })`;
  return [
    `/** The objects of ${origin}. */`,
    importLine,
    '',
    `const app = ${app};`,
    '',
    statements.join('\n\n'),
    '',
  ].join('\n');
}

function statement(object: KubernetesObject, namespace: string | undefined, used: Set<string>): string {
  const { apiVersion, kind, metadata, ...rest } = object;
  const inherits = namespace !== undefined && metadata.namespace === namespace;
  const { name, ...others } = metadata;
  const { namespace: _, ...withoutNamespace } = others;
  const said = inherits ? withoutNamespace : others;
  const props = { ...(Object.keys(said).length > 0 ? { metadata: said } : {}), ...rest };
  if (typeof name === 'string' && classes.get(kind) === apiVersion && isPlain(object)) {
    used.add(kind);
    const argument = Object.keys(props).length > 0 ? `, ${literal(props)}` : '';
    return `new ${kind}(app, ${literal(name)}${argument});`;
  }
  used.add('includeObject');
  return `includeObject(app, ${literal({ apiVersion, kind, metadata: inherits ? { name, ...withoutNamespace } : metadata, ...rest })});`;
}

/** Whether the types of the kind know everything that is said. */
function isPlain(object: KubernetesObject): boolean {
  if (object.status !== undefined || hasNull(object)) return false;
  const { group, version } = parseApiVersion(object.apiVersion);
  const schema = trySchemaOf(group, version, object.kind);
  if (schema === undefined) return false;
  try {
    return decode(schema, object).unknownFields.length === 0;
  } catch {
    return false;
  }
}

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value as object).some(hasNull));

/** Undefined when objects differ, or when an object of unknown scope says none and would inherit one. */
function sharedNamespace(objects: readonly KubernetesObject[]): string | undefined {
  const namespaces = new Set(
    objects
      .filter(({ apiVersion, kind }) => tryResourceOfKind(apiVersion, kind)?.namespaced ?? true)
      .map(({ metadata }) => metadata.namespace),
  );
  return namespaces.size === 1 ? [...namespaces][0] : undefined;
}
