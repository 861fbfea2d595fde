/**
 * One simulated AWS account: an id, its credentials, its services' state, and the operations that are under way.
 *
 * Everything is synchronous and lives on a Simulation: creating a cluster returns at once with CREATING, and virtual
 * minutes later it is ACTIVE. `finishOperations` lets that time pass.
 */
import type { Random } from '../random';
import type { Simulation } from '../simulation';
import { SimulationTimeout } from '../simulation';
import { AwsError } from './aws-error';
import { AwsFaults } from './faults/faults';
import { answer, type HttpRequest, type HttpResponse } from './http/message';
import type { Call, Scope, WireObject } from './service';
import { findService } from './services';

export interface AwsAccountOptions {
  readonly simulation: Simulation;
  /** 12 digits. @default drawn from the seed; starts with 000, as no account of AWS's customers does */
  readonly accountId?: string;
  /** The region of in-process calls that name none. @default `eu-west-1` */
  readonly region?: string;
  /**
   * Resource types that CloudFormation may pass over although they are not simulated: `AWS::Lambda::Function`, `Custom::*`.
   * They are recorded and make nothing. @default none: such a type is refused by name
   */
  readonly allowedTypes?: readonly string[];
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Identity {
  readonly secretAccessKey: string;
  readonly arn: string;
}

/** The longest virtual time that `finishOperations` gives a stack: more than CloudFormation ever waits for one step. */
const OPERATION_LIMIT = '24h';

export class AwsAccount {
  readonly accountId: string;
  readonly region: string;
  readonly simulation: Simulation;
  /** The person at the keyboard: an IAM user with every permission. */
  readonly credentials: Credentials;
  readonly userArn: string;
  /** What goes wrong, when somebody wants it to. */
  readonly faults = new AwsFaults();
  private readonly allowedTypes: readonly string[];
  private readonly states = new Map<string, unknown>();
  private readonly identities = new Map<string, Identity>();
  private readonly pending = new Map<number, string>();
  private nextOperation = 0;

  constructor(options: AwsAccountOptions) {
    this.simulation = options.simulation;
    const random = this.random('account');
    this.accountId = options.accountId ?? `000${random.text(9, '0123456789')}`;
    this.region = options.region ?? 'eu-west-1';
    this.allowedTypes = options.allowedTypes ?? [];
    this.userArn = `arn:aws:iam::${this.accountId}:user/drydock`;
    this.credentials = {
      accessKeyId: `AKIA${random.text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
      secretAccessKey: random.text(40, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
    };
    this.addIdentity(this.credentials, this.userArn);
  }

  get now(): number {
    return this.simulation.clock.now();
  }

  /** The virtual time as CloudFormation, EC2 and IAM write it. */
  get timestamp(): string {
    return new Date(this.now).toISOString();
  }

  /** An independent stream of chance. */
  random(label: string): Random {
    return this.simulation.random.fork(`aws/${label}`);
  }

  scope(region = this.region): Scope {
    return { account: this, region };
  }

  /** Whether a resource type that is not simulated may pass; `Custom::*` stands for all that begin so. */
  allowsType(typeName: string): boolean {
    return this.allowedTypes.some((allowed) =>
      allowed.endsWith('*') ? typeName.startsWith(allowed.slice(0, -1)) : typeName === allowed,
    );
  }

  stateOf<T>(key: string, create: () => T): T {
    if (!this.states.has(key)) this.states.set(key, create());
    return this.states.get(key) as T;
  }

  /** Makes an access key known; its owner is whoever signs with it. */
  addIdentity(credentials: Credentials, arn: string): void {
    this.identities.set(credentials.accessKeyId, { secretAccessKey: credentials.secretAccessKey, arn });
  }

  /** Undefined for an access key that this account never issued. */
  tryIdentityOf(accessKeyId: string): Identity | undefined {
    return this.identities.get(accessKeyId);
  }

  /** Calls an operation in process: the same code as behind the HTTP door, with the wire's members. */
  call(service: string, operation: string, input: WireObject = {}, options: Partial<Omit<Call, 'account'>> = {}): any {
    const { operations, name } = findService(service);
    const handler = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (!handler) {
      throw new AwsError(
        'InvalidAction',
        `The action ${operation} of ${name} is not simulated by drydock (see docs/fidelity.md)`,
      );
    }
    this.faults.checkRate(service, operation);
    const call: Call = {
      account: this,
      region: options.region ?? this.region,
      principal: options.principal ?? this.userArn,
    };
    return handler(input, call) ?? {};
  }

  /** Answers one HTTP request: the whole of AWS behind one door. */
  answer(request: HttpRequest): HttpResponse {
    return answer(this, request);
  }

  /** Notes that something is under way (a stack, a cluster); the returned function ends it. */
  begin(what: string): () => void {
    const id = this.nextOperation++;
    this.pending.set(id, what);
    return () => {
      this.pending.delete(id);
    };
  }

  /** What is under way, oldest first. */
  get operationsUnderWay(): readonly string[] {
    return [...this.pending.values()];
  }

  /**
   * Lets virtual time pass until no stack and no cluster is in the middle of an operation. An operation that would never
   * end (it waits for somebody outside) is left as it is after a virtual day.
   */
  finishOperations(): void {
    if (this.pending.size === 0) return;
    try {
      this.simulation.until(() => this.pending.size === 0, OPERATION_LIMIT, 'the end of every AWS operation');
    } catch (error) {
      if (!(error instanceof SimulationTimeout)) throw error;
    }
  }
}
