/**
 * How long things take in AWS, in milliseconds of virtual time: the middle of what one sees.
 */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const LATENCY = {
  natGateway: { create: 105 * SECOND, delete: 50 * SECOND },
  instance: { start: 15 * SECOND, stop: 40 * SECOND },
  cluster: { create: 9 * MINUTE, update: 3 * MINUTE, upgrade: 8 * MINUTE, delete: 150 * SECOND },
  nodegroup: { create: 150 * SECOND, update: 90 * SECOND, delete: 4 * MINUTE },
  addon: { create: 20 * SECOND, update: 20 * SECOND, delete: 15 * SECOND },
  fargateProfile: { create: 60 * SECOND, delete: 90 * SECOND },
  identityProvider: { change: 15 * MINUTE },
  loadBalancer: { create: 120 * SECOND, deleteInterfaces: 30 * SECOND },
  /** IAM waits for its own replication. */
  role: { create: 16 * SECOND, delete: 2 * SECOND },
  kmsKey: { create: 30 * SECOND },
  vpc: { create: 10 * SECOND },
  internetGateway: { create: 15 * SECOND },
  efs: { fileSystem: 15 * SECOND, mountTarget: 90 * SECOND },
  securityGroup: { create: 5 * SECOND },
  /** How long CloudFormation keeps trying to delete what something else still uses. */
  patience: { network: 15 * MINUTE, vpc: 5 * MINUTE },
} as const;
