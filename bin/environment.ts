/**
 * The AWS side of the example environment, as a CDK app. `cdk.json` points here: `npx cdk synth` and `npx cdk deploy` work
 * as in any CDK project, and `drydock up` deploys the same stacks, by default to the local cloud.
 */
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { ClusterStack, NetworkStack, NodeGroupStack, TemplateRules } from 'eks-drydock/stacks';

/** The region is named and the account is not: whoever deploys decides, and synthesis asks nobody. */
const env = { region: 'eu-west-1' };

export function buildApp(props?: AppProps): App {
  const app = new App({
    // The CDK's WebAssembly validator of CloudFormation templates takes 5 s of CPU, ten times as long as all of the rest.
    // Set this to true where that does not matter, e.g. once per change in CI.
    builtinCloudFormationValidation: false,
    analyticsReporting: false,
    ...props,
  });
  Validations.of(app).addPlugins(new TemplateRules());
  const network = new NetworkStack(app, 'drydock-network', { env, natGateways: 'single' });
  const cluster = new ClusterStack(app, 'drydock-cluster', {
    env,
    vpc: network.vpc,
    clusterName: 'drydock',
    // Documentation's network: on real AWS, name the one that you deploy from.
    publicAccessCidrs: ['203.0.113.0/24'],
  });
  const nodes = new NodeGroupStack(app, 'drydock-nodes', { env, cluster: cluster.cluster, desiredSize: 3, maxSize: 6 });
  nodes.addStackDependency(cluster);
  return app;
}

if (require.main === module) buildApp().synth();
