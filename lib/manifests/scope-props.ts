/**
 * What a scope (App, Chart) hands down to the objects below it. The nearest scope wins; what an object says itself wins over
 * every scope.
 */
import type { Construct, IConstruct } from 'constructs';
import type { KubernetesObject, ObjectMeta } from '../kubernetes/object';
import { tryResourceOfKind } from '../kubernetes/resources';
import { type ImageDigests, pinImages } from './pinned-images';
import { withoutUndefined } from './plain-data';

export interface ScopeProps {
  /** For every namespaced object below that names none itself. */
  readonly namespace?: string;
  /** Added to `metadata.labels` of every object below. Selectors and Pod templates are left alone. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Added to `metadata.annotations` of every object below. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Digests of the images of all Pods below, which are then written as `nginx:1.27@sha256:...`; an image that is not among them is an error.
   * @default images are written as they are
   */
  readonly imageDigests?: ImageDigests;
}

const SCOPE_PROPS = Symbol.for('eks-drydock.ScopeProps');
const NOTHING: ScopeProps = {};

/** Whether a construct is one that hands something down: a chart, apart from the root. Also true for another copy's. */
export const isChart = (construct: IConstruct): boolean =>
  SCOPE_PROPS in construct && construct.node.scope !== undefined;

export function setScopeProps(scope: Construct, props: ScopeProps): void {
  Object.defineProperty(scope, SCOPE_PROPS, { value: props });
  keepChildrenApart(scope);
}

/**
 * Constructs keep their children in a plain object with a key per child. V8 gives every first key of a plain object a hidden class, and
 * after 1,536 of them makes all further plain objects of the program slow: 5,000 charts made validation take twice as long. An object
 * without a prototype has no hidden classes.
 */
function keepChildrenApart(scope: Construct): void {
  const node = scope.node as unknown as { _children?: object };
  node._children ??= Object.create(null) as object;
}

/** What `scope` hands down, given what is handed down to it. */
export function handedDown(scope: IConstruct, above: ScopeProps): ScopeProps {
  const own = (scope as unknown as { [SCOPE_PROPS]?: ScopeProps })[SCOPE_PROPS];
  if (own === undefined) return above;
  return {
    namespace: own.namespace ?? above.namespace,
    labels: merged(above.labels, own.labels),
    annotations: merged(above.annotations, own.annotations),
    imageDigests: own.imageDigests ?? above.imageDigests,
  };
}

/** What all scopes above a construct hand down to it. */
export function inheritedBy(construct: IConstruct): ScopeProps {
  return construct.node.scopes.reduce((above, scope) => handedDown(scope, above), NOTHING);
}

/** The object with what it inherits, then with the changes. Data that nobody changes is shared with what was written. */
export function finishObject(
  written: KubernetesObject,
  inherited: ScopeProps,
  changes: readonly ((object: KubernetesObject) => KubernetesObject)[] = [],
): KubernetesObject {
  const { apiVersion, kind, metadata, ...rest } = written;
  const finished = { apiVersion, kind, metadata: finishMetadata(written, inherited), ...rest };
  const changed = changes.reduce((object, change) => withoutUndefined(change(object)), withoutUndefined(finished));
  return inherited.imageDigests === undefined ? changed : pinImages(changed, inherited.imageDigests);
}

function finishMetadata({ apiVersion, kind, metadata }: KubernetesObject, inherited: ScopeProps): ObjectMeta {
  const { name, namespace, labels, annotations, ...rest } = metadata;
  // A namespace that is spelled out as undefined says: none, whatever the scope hands down.
  const inherits = !('namespace' in metadata) && (tryResourceOfKind(apiVersion, kind)?.namespaced ?? true);
  return {
    name,
    namespace: inherits ? inherited.namespace : namespace,
    labels: merged(inherited.labels, labels),
    annotations: merged(inherited.annotations, annotations),
    ...rest,
  };
}

function merged(
  above: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  if (above === undefined || own === undefined) return own ?? above;
  return { ...above, ...own };
}
