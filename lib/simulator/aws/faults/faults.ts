/**
 * What can be made to go wrong in the simulated AWS: services that throttle, quotas that are used up, zones without
 * machines, permissions that were taken away. Nothing of it is on unless somebody asks for it.
 *
 *     const fault = cloud.account.faults.throttle('ec2', { operations: ['RunInstances'] });
 *     ...
 *     fault.end();
 */
import { AwsError } from '../aws-error';
import { exceededQuota, findQuota } from './quotas';

export interface Fault {
  /** For people: `ec2 is throttled`. */
  readonly what: string;
  /** Ending twice is ending once. */
  end(): void;
}

export interface ThrottleOptions {
  /** @default every operation of the service */
  readonly operations?: readonly string[];
  /** So many requests are refused, then the fault is over. @default all, until it is ended */
  readonly times?: number;
}

interface Throttle extends ThrottleOptions {
  readonly service: string;
  refused: number;
}

interface Shortage {
  readonly instanceType?: string;
  readonly zone?: string;
}

/** How a service says "slow down": code, sentence, HTTP status. */
const SLOW_DOWN: Readonly<Record<string, readonly [code: string, message: string, status: number]>> = {
  ec2: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
  eks: ['ThrottlingException', 'Rate exceeded', 429],
  s3: ['SlowDown', 'Please reduce your request rate.', 503],
  ssm: ['ThrottlingException', 'Rate exceeded', 400],
  logs: ['ThrottlingException', 'Rate exceeded', 400],
  kms: [
    'ThrottlingException',
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
    400,
  ],
};
const RATE_EXCEEDED = ['Throttling', 'Rate exceeded', 400] as const;

export class AwsFaults {
  private readonly throttles = new Set<Throttle>();
  private readonly quotas = new Map<string, number>();
  private readonly shortages = new Set<Shortage>();

  /** Requests to a service are refused as too many. @param service as in the SigV4 scope: `ec2`, `elasticloadbalancing` */
  throttle(service: string, options: ThrottleOptions = {}): Fault {
    const throttle: Throttle = { service, ...options, refused: 0 };
    this.throttles.add(throttle);
    const operations = options.operations ? ` (${options.operations.join(', ')})` : '';
    return { what: `${service}${operations} is throttled`, end: () => void this.throttles.delete(throttle) };
  }

  /**
   * Limits what the account may have, by the code of Service Quotas: `L-F678F1CE` is VPCs per region.
   * https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
   * @throws Error for a code that is not simulated
   */
  quota(code: string, limit: number): Fault {
    const { name } = findQuota(code);
    this.quotas.set(code, limit);
    return { what: `${name}: at most ${limit}`, end: () => void this.quotas.delete(code) };
  }

  /** Amazon has no such machines left. @default of any type, in any zone */
  noCapacity(shortage: Shortage = {}): Fault {
    this.shortages.add(shortage);
    const { instanceType = 'instances', zone = 'every zone' } = shortage;
    return { what: `no capacity for ${instanceType} in ${zone}`, end: () => void this.shortages.delete(shortage) };
  }

  /** @throws AwsError while the service is throttled */
  checkRate(service: string, operation: string): void {
    for (const throttle of this.throttles) {
      if (throttle.service !== service || throttle.operations?.includes(operation) === false) continue;
      throttle.refused++;
      if (throttle.refused >= (throttle.times ?? Number.POSITIVE_INFINITY)) this.throttles.delete(throttle);
      const [code, message, status] = SLOW_DOWN[service] ?? RATE_EXCEEDED;
      throw new AwsError(code, message, status);
    }
  }

  /** @throws AwsError when one more (or `amount` more) is too many */
  checkQuota(code: string, used: number, amount = 1): void {
    const limit = this.quotas.get(code);
    if (limit !== undefined && used + amount > limit) throw exceededQuota(code, limit);
  }

  /** @throws AwsError InsufficientInstanceCapacity */
  checkCapacity(instanceType: string, zone: string): void {
    for (const shortage of this.shortages) {
      if ((shortage.instanceType ?? instanceType) !== instanceType || (shortage.zone ?? zone) !== zone) continue;
      throw new AwsError(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity. You can currently get ${instanceType} capacity by not specifying an Availability Zone in your request or choosing another Availability Zone.`,
        500,
      );
    }
  }
}
