/**
 * The AWS side of the example environment, as a CDK app. `cdk.json` points here: `npx cdk synth` and `npx cdk deploy` work
 * as in any CDK project, and `drydock up` deploys the same stacks, by default to the local cloud.
 */
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { Environment, type EnvironmentSettings, TemplateRules } from 'eks-drydock/stacks';
import { environments } from './environments';

export function buildApp(props?: AppProps): App {
  const app = new App({
    // The CDK's WebAssembly validator of CloudFormation templates takes 5 s of CPU, ten times as long as all of the rest.
    // Set this to true where that does not matter, e.g. once per change in CI.
    builtinCloudFormationValidation: false,
    analyticsReporting: false,
    ...props,
  });
  Validations.of(app).addPlugins(new TemplateRules());
  const name: string = app.node.tryGetContext('environment') ?? 'drydock';
  const settings: EnvironmentSettings | undefined = (environments as Record<string, EnvironmentSettings>)[name];
  if (!settings) throw new Error(`there is no environment "${name}", only ${Object.keys(environments).join(', ')}`);
  new Environment(app, name, settings);
  return app;
}

if (require.main === module) buildApp().synth();
