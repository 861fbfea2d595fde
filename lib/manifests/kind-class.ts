/** Makes the construct class of one kind: `new Deployment(chart, 'web', { spec })`. */
import type { Construct } from 'constructs';
import { ApiObject, type PropsOf } from './api-object';

export interface KindClass<A extends string, K extends string> {
  /**
   * @param scope the App, Chart or other construct that the object belongs to
   * @param name the object's `metadata.name`, and its name in the tree
   */
  new (scope: Construct, name: string, ...props: Props<A, K>): ApiObject<A, K>;
  readonly apiVersion: A;
  readonly kind: K;
}

/** Kinds without a required field (ConfigMap, Namespace) can be made from a name alone. */
type Props<A extends string, K extends string> =
  Record<never, never> extends PropsOf<A, K> ? [props?: PropsOf<A, K>] : [props: PropsOf<A, K>];

export function kindClass<A extends string, K extends string>(apiVersion: A, kind: K): KindClass<A, K> {
  const Kind = class extends ApiObject<A, K> {
    static readonly apiVersion = apiVersion;
    static readonly kind = kind;

    constructor(scope: Construct, name: string, props?: PropsOf<A, K>) {
      super(scope, name, { apiVersion, kind, ...props } as never);
    }
  };
  Object.defineProperty(Kind, 'name', { value: kind });
  return Kind as unknown as KindClass<A, K>;
}
