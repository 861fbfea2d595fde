/**
 * A service as this simulation sees it: a protocol and a table of operations.
 *
 * Inputs and outputs have the members of the wire (`VpcId`, `vpcId`, `clusterName`...), because that is where both the
 * SDKs' models and the documentation agree. Everything behind an operation takes typed records.
 */
import type { AwsAccount } from './account';
import type { HttpRequest, HttpResponse } from './http/message';

/** One account in one region: where a regional resource lives. */
export interface Scope {
  readonly account: AwsAccount;
  readonly region: string;
}

/** One request: its scope and who makes it. */
export interface Call extends Scope {
  /** The caller's ARN, e.g. `arn:aws:iam::123456789012:user/drydock`. */
  readonly principal: string;
}

/** Members as they are on the wire. */
export type WireObject = Readonly<Record<string, any>>;

export type Operation = (input: WireObject, call: Call) => WireObject | undefined;
export type Operations = Readonly<Record<string, Operation>>;

/** Which operation a request names, and its input. */
export interface Decoded {
  readonly operation: string;
  readonly input: WireObject;
}

/** How a service's requests are read and its answers written. */
export interface Protocol {
  decode(request: HttpRequest, service: Service): Decoded;
  encode(output: WireObject, context: EncodeContext): HttpResponse;
  encodeError(
    error: { code: string; message: string; status: number; details: WireObject },
    requestId: string,
  ): HttpResponse;
}

export interface EncodeContext {
  readonly service: Service;
  readonly operation: string;
  readonly requestId: string;
}

export interface Service {
  /** As in messages: `Ec2`, `Eks`, `ElasticLoadBalancingV2`. */
  readonly name: string;
  /** As in the SigV4 credential scope: `ec2`, `elasticloadbalancing`. */
  readonly signingName: string;
  /** The API version of Query services, e.g. `2010-05-15`. */
  readonly version?: string;
  readonly protocol: Protocol;
  readonly operations: Operations;
}

/**
 * The state of a service in one region: created when it is first asked for, kept by the account.
 * The account knows no service; a service asks `const ec2Of = regionalState('ec2', (scope) => new Ec2State(scope))`.
 */
export function regionalState<T>(service: string, create: (scope: Scope) => T): (scope: Scope) => T {
  return (scope) => scope.account.stateOf(`${service}/${scope.region}`, () => create(scope));
}

/** The state of a service that has no regions, like IAM. */
export function globalState<T>(service: string, create: (scope: Scope) => T): (scope: Scope) => T {
  return (scope) => scope.account.stateOf(service, () => create(scope));
}
