/** Combinations that the compiler refuses: each line below `@ts-expect-error` is an error where it stands. */
import { defineEnvironments } from '../../lib/stacks';

const region = 'eu-west-1';
const account = '111122223333';
const nodeGroups = { nodes: { minSize: 3 } };
const importedNetwork = { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-1'] };

const production = { stage: 'production', region, account, nodeGroups } as const;

export const refused = () => [
  // @ts-expect-error production names its account
  defineEnvironments({ prod: { stage: 'production', region, nodeGroups } }),
  // @ts-expect-error production has a NAT gateway in every zone
  defineEnvironments({ prod: { ...production, natGateways: 'single' } }),
  // @ts-expect-error production is protected from deletion
  defineEnvironments({ prod: { ...production, deletionProtection: false } }),
  // @ts-expect-error production encrypts its Secrets
  defineEnvironments({ prod: { ...production, cluster: { encryptSecrets: false } } }),
  // @ts-expect-error Auto Mode makes its own nodes
  defineEnvironments({ dev: { stage: 'development', region, compute: 'auto', nodeGroups } }),
  // @ts-expect-error a network is new or exists
  defineEnvironments({ dev: { stage: 'development', region, nodeGroups, network: {}, importedNetwork } }),
];
