/**
 * Custom resources whose definition is in the application: the same schema, defaults and CEL rules that the API server would run,
 * without a server. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import { customKind } from '../../kubernetes/custom-resources/custom-kind';
import { type DefinitionSpec, schemaOfVersion } from '../../kubernetes/custom-resources/definition';
import { objectMetaSchema } from '../../kubernetes/custom-resources/json-schema';
import { applyDefaults, prune } from '../../kubernetes/custom-resources/prune';
import type { KindDefinition } from '../../kubernetes/kinds';
import { type KubernetesObject, parseApiVersion } from '../../kubernetes/object';
import { decode } from '../../kubernetes/schema/decode';

/** One served version of a custom kind. */
export interface CustomKind {
  readonly definition: KindDefinition;
  /** Reads an object, with defaults. */
  decode(object: KubernetesObject): { readonly value: KubernetesObject; readonly unknownFields: readonly string[] };
}

export class CustomKinds {
  private readonly specs = new Map<string, DefinitionSpec>();
  private readonly compiled = new Map<string, CustomKind>();

  constructor(objects: readonly KubernetesObject[]) {
    for (const { apiVersion, kind, spec } of objects) {
      if (kind !== 'CustomResourceDefinition' || apiVersion !== 'apiextensions.k8s.io/v1') continue;
      if (spec?.names?.kind && Array.isArray(spec.versions)) this.specs.set(`${spec.group}/${spec.names.kind}`, spec);
    }
  }

  /** The definition of a kind, whatever its version; undefined when the application has none. */
  specOf({ apiVersion, kind }: KubernetesObject): DefinitionSpec | undefined {
    return this.specs.size === 0 ? undefined : this.specs.get(`${parseApiVersion(apiVersion).group}/${kind}`);
  }

  /** Undefined when the version is not served. */
  kindOf(object: KubernetesObject): CustomKind | undefined {
    const key = `${object.apiVersion}/${object.kind}`;
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    const spec = this.specOf(object);
    const name = parseApiVersion(object.apiVersion).version;
    const version = spec?.versions.find((each) => each.name === name && each.served);
    if (spec === undefined || version === undefined) return undefined;
    const schema = schemaOfVersion(spec, version);
    const alone = { ...version, storage: true };
    const kind: CustomKind = {
      // By its own schema alone: what it means in the stored version, a webhook may know.
      definition: customKind({ ...spec, versions: [alone], conversion: undefined }, alone, undefined),
      decode(each) {
        const metadata = decode(objectMetaSchema(), each.metadata ?? {});
        const { value, unknownFields } = prune(each, schema);
        const copy = structuredClone({ ...value, metadata: metadata.value });
        applyDefaults(copy, schema);
        const inMetadata = metadata.unknownFields.map((field) => `metadata.${field}`);
        return { value: copy, unknownFields: [...unknownFields, ...inMetadata] };
      },
    };
    this.compiled.set(key, kind);
    return kind;
  }
}

/**
 * Where a definition's schema is no schema: the parts that the schema of definitions itself leaves open. Undefined when all is well.
 */
export function malformedSchema({ spec }: KubernetesObject): string | undefined {
  for (const [index, version] of (Array.isArray(spec?.versions) ? spec.versions : []).entries()) {
    const root = version?.schema?.openAPIV3Schema;
    const found = root === undefined ? undefined : malformedIn(root, `spec.versions[${index}].schema.openAPIV3Schema`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function malformedIn(schema: unknown, path: string): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return path;
  const { properties, items, additionalProperties, required, not, allOf, anyOf, oneOf } = schema as Record<
    string,
    unknown
  >;
  if (required !== undefined && !Array.isArray(required)) return `${path}.required`;
  const below: [string, unknown][] = [];
  for (const [name, list] of Object.entries({ allOf, anyOf, oneOf })) {
    if (Array.isArray(list))
      below.push(...list.map((each, index): [string, unknown] => [`${path}.${name}[${index}]`, each]));
    else if (list !== undefined) return `${path}.${name}`;
  }
  if (properties !== undefined) {
    if (typeof properties !== 'object') return `${path}.properties`;
    for (const [name, each] of Object.entries(properties as object)) below.push([`${path}.properties[${name}]`, each]);
  }
  if (items !== undefined) below.push([`${path}.items`, items]);
  if (not !== undefined) below.push([`${path}.not`, not]);
  if (typeof additionalProperties === 'object') below.push([`${path}.additionalProperties`, additionalProperties]);
  for (const [at, each] of below) {
    const found = malformedIn(each, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
