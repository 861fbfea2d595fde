/**
 * What a CustomResourceDefinition says, with a type.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
 */
import type { KubernetesObject } from '../object';
import type { JsonSchema } from './json-schema';

export interface DefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly kind: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema };
  readonly subresources?: { readonly status?: object; readonly scale?: ScaleSubresource };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface DefinitionSpec {
  readonly group: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly names: DefinitionNames;
  readonly versions: readonly DefinitionVersion[];
  readonly conversion?: {
    readonly strategy: string;
    readonly webhook?: {
      readonly clientConfig: {
        readonly url?: string;
        readonly service?: { readonly namespace: string; readonly name: string };
        readonly caBundle?: string;
      };
      readonly conversionReviewVersions: readonly string[];
    };
  };
  /** Of definitions that were made in the time of v1beta1. */
  readonly preserveUnknownFields?: boolean;
}

export interface Definition extends KubernetesObject {
  spec: DefinitionSpec;
}

export const storageVersion = ({ versions }: DefinitionSpec): DefinitionVersion =>
  versions.find(({ storage }) => storage) ?? versions[0]!;

/** The schema of a version, closed when there is none. */
export function schemaOfVersion(spec: DefinitionSpec, version: DefinitionVersion): JsonSchema {
  const schema = version.schema?.openAPIV3Schema ?? { type: 'object' };
  return spec.preserveUnknownFields ? { ...schema, 'x-kubernetes-preserve-unknown-fields': true } : schema;
}

/**
 * Versions in the order in which discovery prefers them: v2, v1, v1beta2, v1beta1, v1alpha1, then all others by name.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

function rank(version: string): { stability: number; major: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return { stability, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}
