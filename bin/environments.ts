/**
 * The environments of this app, side by side. `drydock up` and `cdk deploy` bring up the first; for another say
 * `cdk deploy -c environment=drydock-prod`.
 */
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { defineEnvironments } from 'eks-drydock/stacks';

/** Documentation's network: on real AWS, name the one that you deploy from. */
const publicAccessCidrs = ['203.0.113.0/24'];

export const environments = defineEnvironments({
  drydock: {
    stage: 'development',
    region: 'eu-west-1',
    zones: 3,
    cluster: { publicAccessCidrs },
    nodeGroups: { nodes: { desiredSize: 3, maxSize: 6 } },
    observability: 'none',
    loadBalancing: false,
  },
  'drydock-prod': {
    stage: 'production',
    region: 'eu-west-1',
    account: '111122223333',
    cluster: { publicAccessCidrs, supportType: 'EXTENDED' },
    nodeGroups: {
      nodes: { instanceTypes: [new ec2.InstanceType('m7g.large')], minSize: 3, maxSize: 12 },
    },
    autoscaler: 'cluster-autoscaler',
    observability: 'container-insights',
  },
});
