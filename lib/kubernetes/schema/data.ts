/** The shapes of the generated tables: facts of a running Kubernetes 1.35.6 API server. */

/** One OpenAPI v3 schema, with `$ref` and `allOf` folded into `ref`. */
export interface OpenApiSchema {
  readonly ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly items?: OpenApiSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly oneOf?: readonly OpenApiSchema[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-merge-key'?: string;
  /** `merge`, `replace`, `retainKeys`, or several joined by a comma. */
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-group-version-kind'?:
    | 'all'
    | readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  readonly [extension: string]: unknown;
}

/** By full type name, e.g. `io.k8s.api.apps.v1.Deployment`. */
export type OpenApiSchemas = Readonly<Record<string, OpenApiSchema>>;

export interface DiscoverySubresource {
  readonly subresource: string;
  readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
  readonly acceptedTypes?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

export interface DiscoveryResource {
  readonly resource: string;
  readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly DiscoverySubresource[];
}

/** Every group and version of the server, in the order in which it lists them. */
export type DiscoveryGroups = readonly {
  readonly group: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveryResource[] }[];
}[];

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority: number;
  readonly description?: string;
}

/** By `<apiVersion>/<resource>`, e.g. `apps/v1/deployments`. */
export type TableColumns = Readonly<Record<string, readonly TableColumn[]>>;

/** Message name -> [field number, name, label, type]. */
export type ProtobufMessages = Readonly<
  Record<string, readonly (readonly [number: number, name: string, label: string, type: string])[]>
>;

/**
 * How the Go struct behind each type declares its fields: type name -> field -> `[embedded>][~|?]GoType`, in the order of
 * the struct.
 * `?` is `omitempty`, `~` is `omitzero`, `*` starts a pointer: `?*int32`, `[]v1.Container`, `~v1.Time`.
 */
export type GoFields = Readonly<Record<string, Readonly<Record<string, string>>>>;
