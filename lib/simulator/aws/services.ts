/** Every simulated service, by the name in the SigV4 credential scope. One line each. */
import { acm } from './acm/service';
import { autoScaling } from './autoscaling/service';
import { AwsError } from './aws-error';
import { cloudFormation } from './cloudformation/service';
import { cloudWatch } from './cloudwatch/service';
import { ec2 } from './ec2/service';
import { ecr } from './ecr/service';
import { efs } from './efs/service';
import { eks } from './eks/service';
import { elbv2 } from './elbv2/service';
import { events } from './events/service';
import { iam } from './iam/service';
import { kms } from './kms/service';
import { logs } from './logs/service';
import { route53 } from './route53/service';
import { s3 } from './s3/service';
import type { Service } from './service';
import { sns } from './sns/service';
import { sqs } from './sqs/service';
import { ssm } from './ssm/service';
import { sts } from './sts/service';

const SERVICES: readonly Service[] = [
  acm,
  autoScaling,
  cloudFormation,
  cloudWatch,
  ec2,
  ecr,
  efs,
  eks,
  elbv2,
  events,
  iam,
  kms,
  logs,
  route53,
  s3,
  sns,
  sqs,
  ssm,
  sts,
];

const BY_SIGNING_NAME = new Map(SERVICES.map((service) => [service.signingName, service]));

export function tryService(signingName: string): Service | undefined {
  return BY_SIGNING_NAME.get(signingName);
}

export function findService(signingName: string): Service {
  const service = tryService(signingName);
  if (!service) throw new AwsError('NotSimulated', `drydock does not simulate the service "${signingName}"`);
  return service;
}
