/**
 * What the simulated AWS costs: a whole environment up and down in one process, in some forty virtual minutes.
 *
 *   npm run bench -- aws
 */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LocalCloud } from '../../lib/simulator/local-cloud';
import { ClusterStack, NetworkStack, NodeGroupStack } from '../../lib/stacks';

const REPEATS = 5;

/** CPU milliseconds of the best of some runs. */
function measure<T>(what: string, work: () => T): T {
  let best = Number.POSITIVE_INFINITY;
  let result!: T;
  for (let i = 0; i < REPEATS; i++) {
    const before = process.cpuUsage();
    result = work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  process.stdout.write(`${what}: ${best.toFixed(0)} ms CPU (best of ${REPEATS})\n`);
  return result;
}

const env = { region: 'eu-west-1' };
const newApp = () => new App({ analyticsReporting: false, builtinCloudFormationValidation: false });

function synthesize(): [name: string, body: string][] {
  const app = newApp();
  const network = new NetworkStack(app, 'net', { env, natGateways: 'single' });
  const cluster = new ClusterStack(app, 'cluster', { env, vpc: network.vpc, clusterName: 'dev' });
  const nodes = new NodeGroupStack(app, 'nodes', { env, cluster: cluster.cluster, desiredSize: 3, maxSize: 6 });
  nodes.addStackDependency(cluster);
  return [network, cluster, nodes].map((stack) => [stack.stackName, JSON.stringify(Template.fromStack(stack))]);
}

function upAndDown(templates: readonly (readonly [string, string])[]): number {
  const cloud = new LocalCloud();
  const { account } = cloud;
  const started = account.now;
  const deploy = (operation: string, input: object) => {
    account.call('cloudformation', operation, { ...input });
    account.finishOperations();
  };
  for (const [StackName, TemplateBody] of templates) {
    deploy('CreateStack', { StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    const [stack] = account.call('cloudformation', 'DescribeStacks', { StackName }).Stacks;
    if (stack.StackStatus !== 'CREATE_COMPLETE') throw new Error(`${StackName} is ${stack.StackStatus}`);
  }
  for (const [StackName] of [...templates].reverse()) deploy('DeleteStack', { StackName });
  if (account.call('ec2', 'DescribeVpcs').vpcSet.length > 0) throw new Error('a VPC is left');
  return (account.now - started) / 60_000;
}

const templates = measure('synthesis of three stacks', synthesize);
const minutes = measure('up and down in process', () => upAndDown(templates));
process.stdout.write(`virtual time: ${minutes.toFixed(0)} minutes\n`);
