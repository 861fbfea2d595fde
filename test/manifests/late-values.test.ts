import { App as CdkApp, CfnOutput, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import '../../lib/testing';
import {
  App,
  ConfigMap,
  Deployment,
  originOf,
  Secret,
  ServiceAccount,
  stackOutput,
  validate,
} from '../../lib/manifests';
import { lateValuesIn, resolveLateValues } from '../../lib/manifests/late-values';
import '../../lib/stacks';

const outputs: Record<string, string> = {
  'images.RepositoryUri': '123456789012.dkr.ecr.eu-central-1.amazonaws.com/web',
  'storage.ReaderRoleArn': 'arn:aws:iam::123456789012:role/reader',
};
const known = ({ stack, output }: { stack: string; output: string }) => outputs[`${stack}.${output}`];

function shop(): App {
  const app = new App();
  new ServiceAccount(app, 'web').assumeRole(stackOutput('storage', 'ReaderRoleArn'));
  const image = `${stackOutput('images', 'RepositoryUri')}:1.4.2`;
  new Deployment(app, 'web', { pod: { serviceAccount: 'web', containers: { web: { image } } } });
  new ConfigMap(app, 'plain', { data: { a: '1' } });
  return app;
}

test('outputs of stacks stand in manifests as what they are, until they are known', () => {
  const app = shop();
  expect(validate(app)).toEqual([]);
  expect(app.toYaml()).toContain('image: "${stack-output:images.RepositoryUri}:1.4.2"');
  const objects = app.synth();
  expect(lateValuesIn(objects).map(({ stack, output, field }) => `${stack}.${output} in ${field}`)).toEqual([
    'storage.ReaderRoleArn in metadata.annotations.eks.amazonaws.com/role-arn',
    'images.RepositoryUri in spec.template.spec.containers[0].image',
  ]);
  const resolved = resolveLateValues(objects, known);
  expect(resolved).toContainObject({
    kind: 'Deployment',
    spec: { template: { spec: { containers: [{ name: 'web', image: `${outputs['images.RepositoryUri']}:1.4.2` }] } } },
  });
  const plain = objects.findIndex(({ kind }) => kind === 'ConfigMap');
  expect(resolved[plain]).toBe(objects[plain]);
  const deployment = resolved.find(({ kind }) => kind === 'Deployment')!;
  expect(originOf(deployment)).toMatchObject({ path: 'Deployment.web', source: { file: __filename } });
});

test('all outputs that nobody has are told at once, with who uses them', () => {
  expect(() => resolveLateValues(shop().synth(), () => undefined)).toThrow(
    [
      'the manifests use outputs that no deployed stack has:',
      'ServiceAccount "web" uses output ReaderRoleArn of stack storage in metadata.annotations.eks.amazonaws.com/role-arn',
      'Deployment "web" uses output RepositoryUri of stack images in spec.template.spec.containers[0].image',
    ].join('\n'),
  );
});

test('an output cannot be what an object is called, and the compiler refuses it as a number', () => {
  const app = new App();
  new Secret(app, 'named', { metadata: { name: stackOutput('storage', 'Name') } });
  expect(validate(app)).toMatchObject([
    {
      rule: 'late-identity',
      message: 'metadata.name is the output Name of stack storage, which is not known yet',
      fix: 'write a name of your own; outputs may stand in values, images and annotations',
    },
  ]);
  // @ts-expect-error a count
  new Deployment(app, 'web', { replicas: stackOutput('a', 'B'), pod: { containers: {} } });
  expect(() => stackOutput('a stack', 'B')).toThrow('"a stack" cannot be the name of a stack');
});

test('what would be a wrong value is looked at again when it is known', () => {
  const app = new App();
  new Deployment(app, 'web', { pod: { containers: { web: { image: 'nginx:1' } } } }).acceptFrom(
    stackOutput('network', 'Cidr') as '10.0.0.0/8',
  );
  expect(validate(app)).toEqual([]);
  const check = (cidr: string) => validate(resolveLateValues(app.synth(), () => cidr));
  expect(check('10.0.0.0/16')).toEqual([]);
  expect(check('10.0.0.0/99')[0]).toMatchObject({
    rule: 'invalid-value',
    message: expect.stringContaining('10.0.0.0/99'),
  });
});

test('a token of the CDK becomes the output of its stack, and without one the fix says what to do', () => {
  const stack = new Stack(new CdkApp(), 'storage');
  const role = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('pods.eks.amazonaws.com') });
  const app = new App();
  new ServiceAccount(app, 'web').assumeRole(role.roleArn);
  expect(validate(app)).toMatchObject([
    { rule: 'cdk-token', fix: expect.stringContaining("stackOutput('<stack>', '<output>')") },
  ]);
  new CfnOutput(stack, 'ReaderRoleArn', { value: role.roleArn });
  new ConfigMap(app, 'settings', { data: { url: `role=${role.roleArn}` } });
  expect(validate(app)).toEqual([]);
  expect(app).toContainObject({ kind: 'ConfigMap', data: { url: 'role=${stack-output:storage.ReaderRoleArn}' } });
});
