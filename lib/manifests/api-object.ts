/**
 * One Kubernetes object as a construct. What the user writes is what the cluster gets: plain data with the names of the
 * wire, no defaults of ours. The scope adds only what it was told to hand down (namespace, labels, annotations), and `edit` has
 * the last word.
 */
import { Construct } from 'constructs';
import type { KubernetesObject } from '../kubernetes/object';
import type { BuiltInApiVersion, KindTypes } from '../kubernetes/types/kinds.generated';
import type { ObjectMeta } from '../kubernetes/types/meta-v1.generated';
import { type CallSite, captureCallSite, type Origin, type SourceLocation, sourceOf } from './origin';
import type { JsonPatchOperation, PatchOf } from './patches';
import { cloneData } from './plain-data';
import { finishObject, inheritedBy } from './scope-props';

/** What the compiler answers for a kind that does not exist, in the API server's words. */
type NoSuchKind<A extends string, K extends string> = Record<`no kind "${K}" is registered for version "${A}"`, never>;

/**
 * The type of an object by its apiVersion and kind. An apiVersion that is not built in (a custom resource) is taken as it comes;
 * to give it a type, add it to {@link KindTypes} by declaration merging.
 */
export type ObjectOf<A extends string, K extends string> = `${A}/${K}` extends keyof KindTypes
  ? KindTypes[`${A}/${K}`]
  : KubernetesObject;

/** What is said of an object beyond its apiVersion, kind and name. */
export type PropsOf<A extends string, K extends string> = `${A}/${K}` extends keyof KindTypes
  ? Omit<KindTypes[`${A}/${K}`], 'apiVersion' | 'kind' | 'metadata' | 'status'> & WithMetadata
  : A extends BuiltInApiVersion
    ? NoSuchKind<A, K>
    : WithMetadata & { readonly [field: string]: unknown };

interface WithMetadata {
  readonly metadata?: ObjectMeta;
}

/** Changes a finished object in place. */
export type Edit<T> = (object: T) => void;

/** From one finished object to the next. */
type Change = (object: KubernetesObject) => KubernetesObject;

/** Loaded on the first use: merging needs the whole schema table. */
const patches = () => require('./patches') as typeof import('./patches');

const API_OBJECT = Symbol.for('eks-drydock.ApiObject');

/**
 * @example
 * new ApiObject(chart, 'my-cert', {
 *   apiVersion: 'cert-manager.io/v1',
 *   kind: 'Certificate',
 *   spec: { secretName: 'my-cert-tls', dnsNames: ['example.com'], issuerRef: { name: 'letsencrypt' } },
 * });
 */
export class ApiObject<A extends string = string, K extends string = string> extends Construct {
  readonly apiVersion: A;
  readonly kind: K;
  /** `metadata.name` as it will be in the cluster; empty when the server is to generate one. */
  readonly name: string;
  /** As the user wrote it, with its name: before scopes and edits. */
  readonly written: KubernetesObject;
  /** Made when first needed, as `accepted` is: most objects have neither. */
  private changes: Change[] | undefined;
  private accepted: Set<string> | undefined;
  private readonly madeAt: CallSite | SourceLocation;

  /**
   * @param scope the App, Chart or other construct that the object belongs to
   * @param name the object's `metadata.name`, and its name in the tree
   */
  constructor(
    scope: Construct,
    name: string,
    object: { readonly apiVersion: A; readonly kind: K } & PropsOf<A, K>,
    options: { readonly source?: SourceLocation } = {},
  ) {
    const { apiVersion, kind, metadata, ...rest } = object as KubernetesObject;
    super(scope, freeId(scope, `${kind}.${name}`));
    this.apiVersion = apiVersion as A;
    this.kind = kind as K;
    const named = name === '' || metadata?.generateName !== undefined ? { ...metadata } : { name, ...metadata };
    this.name = named.name ?? '';
    this.written = { apiVersion, kind, metadata: named, ...rest };
    this.madeAt = options.source ?? captureCallSite(new.target, ApiObject.isApiObject(scope));
  }

  /** Also true for an object made by another copy of this library. */
  static isApiObject(value: unknown): value is ApiObject {
    return typeof value === 'object' && value !== null && API_OBJECT in value;
  }

  /**
   * Says what types and helpers cannot: the change is made on the finished object, after everything else, and nothing in it is
   * lost or rewritten. Edits run in the order in which they were given, each time the object is synthesised.
   *
   * @example deployment.edit(({ spec }) => { spec.template.spec.hostUsers = false; });
   */
  edit(change: Edit<ObjectOf<A, K>>): this {
    return this.change((object) => {
      const draft = cloneData(object);
      change(draft as ObjectOf<A, K>);
      return draft;
    });
  }

  /**
   * Merges a part into the finished object as `kubectl patch` does: containers, ports, volumes and the like by their keys, null removes.
   * @example deployment.patch({ spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.11' }] } } } });
   */
  patch(part: PatchOf<ObjectOf<A, K>>): this {
    return this.change((object) => patches().mergePatched(object, part));
  }

  /**
   * Applies RFC 6902 operations to the finished object; a path that leads nowhere is an error at synthesis.
   * @example service.patchJson([{ op: 'remove', path: '/spec/ports/1' }]);
   */
  patchJson(operations: readonly JsonPatchOperation[]): this {
    return this.change((object) => patches().jsonPatched(object, operations));
  }

  private change(change: Change): this {
    this.changes ??= [];
    this.changes.push(change);
    return this;
  }

  /**
   * Says that findings of these rules about this object are meant to be.
   * @example service.accept('service-selects-nothing'); // the Pods come from another team's chart
   */
  accept(...rules: readonly string[]): this {
    this.accepted ??= new Set();
    for (const rule of rules) this.accepted.add(rule);
    return this;
  }

  get acceptedRules(): ReadonlySet<string> | undefined {
    return this.accepted;
  }

  /** Where the object will live, as far as the program says it: itself, or by what its scopes hand down. */
  get namespace(): string | undefined {
    const { metadata } = this.written;
    return 'namespace' in metadata ? metadata.namespace : inheritedBy(this).namespace;
  }

  /**
   * The object as it goes to the cluster. The caller must not change it.
   * @typeParam T what another library calls such an object, e.g. `V1Deployment` of @kubernetes/client-node; it is taken at your word
   */
  toObject<T extends { kind?: string } = KubernetesObject>(): T {
    return finishObject(this.written, inheritedBy(this), this.changes) as unknown as T;
  }

  /** @internal for a walk of the tree that knows already what the scopes hand down */
  finish(inherited: ReturnType<typeof inheritedBy>): KubernetesObject {
    return finishObject(this.written, inherited, this.changes);
  }

  /** The construct path, and the line of the user's program that made the object. */
  get origin(): Origin {
    const source = 'file' in this.madeAt ? this.madeAt : sourceOf(this.madeAt);
    return { path: this.node.path, ...(source === undefined ? {} : { source }) };
  }
}

Object.defineProperty(ApiObject.prototype, API_OBJECT, { value: true });

/** The id itself, or with a counter when the scope has a child of this name: equal names in two namespaces are legal. */
function freeId(scope: Construct, id: string): string {
  if (scope.node.tryFindChild(id) === undefined) return id;
  for (let count = 2; ; count++) {
    const candidate = `${id}#${count}`;
    if (scope.node.tryFindChild(candidate) === undefined) return candidate;
  }
}
