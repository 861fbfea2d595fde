/**
 * The synthesis of the three-stack app, precompiled, in a process of its own, against one that only loads aws-cdk-lib and
 * touches the same classes. Run `npm run build` first.
 *
 *   npm run bench -- aws
 */
import { resolve } from 'node:path';
import { runChild } from './child';

const ROOT = resolve(__dirname, '../..');
const REPEATS = 5;

const TOUCH = `
const { App, Stack, aws_ec2: ec2, aws_eks_v2: eks, aws_iam: iam, aws_kms: kms, aws_logs: logs } = require('aws-cdk-lib');
const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false, outdir: process.env.OUT });
for (const stack of ['net', 'cluster', 'nodes'].map((name) => new Stack(app, name, { env: { region: 'eu-west-1' } }))) {
  [ec2.Vpc, ec2.LaunchTemplate, eks.Cluster, eks.CfnNodegroup, eks.CfnAddon, iam.Role, kms.Key, logs.LogGroup].length;
  new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
}
app.synth();
`;

const SYNTHESIZE = `
const { App } = require('aws-cdk-lib');
const { ClusterStack, NetworkStack, NodeGroupStack } = require('eks-drydock/stacks');
const env = { region: 'eu-west-1' };
const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false, outdir: process.env.OUT });
const network = new NetworkStack(app, 'net', { env, natGateways: 'single' });
const cluster = new ClusterStack(app, 'cluster', { env, vpc: network.vpc, clusterName: 'dev' });
new NodeGroupStack(app, 'nodes', { env, cluster: cluster.cluster, desiredSize: 3, maxSize: 6 });
app.synth();
`;

async function best(script: string, out: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    least = Math.min(least, await runChild(['-e', script], ROOT, { OUT: `/tmp/drydock-bench-${out}` }));
  }
  return least;
}

async function main(): Promise<void> {
  const touch = await best(TOUCH, 'touch');
  const synthesis = await best(SYNTHESIZE, 'synthesis');
  process.stdout.write(`loading and touching the classes: ${touch.toFixed(0)} ms CPU\n`);
  process.stdout.write(`synthesis of three stacks: ${synthesis.toFixed(0)} ms CPU\n`);
  process.stdout.write(`ratio: ${(synthesis / touch).toFixed(2)} (goal: 1.5)\n`);
}

void main();
