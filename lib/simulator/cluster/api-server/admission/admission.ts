/**
 * Admission: what may still change or refuse a write after it is known who writes and what.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 *
 * A plugin is one file and one line in `index.ts`. `admit` runs before validation and may change the object, `validate` runs
 * after it and may only refuse. Both refuse by throwing a StatusError. Reads are never admitted.
 */
import type { Draft, UserInfo } from '../../../../kubernetes/kinds';
import type { KubernetesObject } from '../../../../kubernetes/object';
import type { Random } from '../../../random';
import type { Simulation } from '../../../simulation';
import type { Store } from '../../store';
import type { Authorizer } from '../auth/authorizer';
import type { RbacAuthorizer } from '../auth/rbac-authorizer';
import type { Outbound } from '../outbound/outbound';
import type { ApiRequest } from '../request';
import type { ServedResource } from '../resources';
import { Reinvocation } from './webhooks/reinvocation';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What plugins may look at to decide. */
export interface AdmissionContext {
  readonly store: Store;
  readonly simulation: Simulation;
  readonly random: Random;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly options: AdmissionOptions;
  /** Writes the status of an object as the API server itself. */
  readonly updateStatus: (collection: string, object: KubernetesObject) => void;
  /** Where objects of a served kind lie. */
  readonly tryFindCollection: (apiVersion: string, kind: string) => ServedResource | undefined;
  /** The same objects in other versions, or groups. */
  readonly siblingsOf: (resource: ServedResource) => readonly ServedResource[];
  /** The way to webhooks. */
  readonly outbound: Outbound;
}

export interface AdmissionOptions {
  /** ConfigMaps with CA bundles that tokens are mounted with, besides `kube-root-ca.crt`. @default none */
  readonly extraCaBundles: readonly string[];
  /** New nodes are not ready until a controller says so. Needs one that does. */
  readonly taintNewNodes: boolean;
  /** What a cloud puts before the webhooks: the same as a webhook of its own, without a server. @default none */
  readonly cloudPlugins: readonly AdmissionPlugin[];
}

export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly resource: ServedResource;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** In the version of the request; absent for DELETE. `admit` may change it in place. */
  readonly object?: Draft;
  /** What is stored; absent for CREATE. */
  readonly oldObject?: KubernetesObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** For its options. */
  readonly request: ApiRequest;
  /** Adds a text to the Warning headers. */
  readonly warn: (text: string) => void;
}

export interface AdmissionPlugin {
  readonly name: string;
  readonly handles: readonly Operation[];
  readonly admit?: (attributes: AdmissionAttributes, context: AdmissionContext, reinvocation: Reinvocation) => void;
  readonly validate?: (attributes: AdmissionAttributes, context: AdmissionContext) => void;
}

export class AdmissionChain {
  private readonly admitting: ReadonlyMap<Operation, readonly AdmissionPlugin[]>;
  private readonly validating: ReadonlyMap<Operation, readonly AdmissionPlugin[]>;

  constructor(
    plugins: readonly AdmissionPlugin[],
    private readonly context: AdmissionContext,
  ) {
    const operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];
    const select = (phase: 'admit' | 'validate') =>
      new Map(operations.map((each) => [each, plugins.filter((p) => p[phase] && p.handles.includes(each))]));
    this.admitting = select('admit');
    this.validating = select('validate');
  }

  admit(attributes: AdmissionAttributes): void {
    const plugins = this.admitting.get(attributes.operation)!;
    const reinvocation = new Reinvocation();
    for (const plugin of plugins) plugin.admit!(attributes, this.context, reinvocation);
    if (!reinvocation.isNeeded) return;
    reinvocation.isAgain = true;
    for (const plugin of plugins) plugin.admit!(attributes, this.context, reinvocation);
  }

  validate(attributes: AdmissionAttributes): void {
    for (const plugin of this.validating.get(attributes.operation)!) plugin.validate!(attributes, this.context);
  }
}
