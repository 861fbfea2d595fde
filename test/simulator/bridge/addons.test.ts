/** EKS add-ons, as one sees them in the cluster; and who Pods are in AWS. */
import { startCloudStory } from '../../helpers/cloud';

const ready = (story: ReturnType<typeof startCloudStory>, kind: string, name: string) =>
  story.get(kind, name, 'kube-system')?.status ?? {};

describe('add-ons', () => {
  test('are there from the start, and EKS takes them over', () => {
    const story = startCloudStory({ nodes: 2 });
    const { cloud, eks } = story;
    cloud.simulation.advance('2m');
    expect(ready(story, 'daemonsets.apps', 'aws-node')).toMatchObject({ numberReady: 2 });
    expect(ready(story, 'daemonsets.apps', 'kube-proxy')).toMatchObject({ numberReady: 2 });
    expect(ready(story, 'deployments.apps', 'coredns')).toMatchObject({ availableReplicas: 2 });
    expect(eks('ListAddons', { clusterName: 'shop' }).addons).toEqual([]);

    eks('CreateAddon', { clusterName: 'shop', addonName: 'coredns', configurationValues: '{"replicaCount": 3}' });
    cloud.account.finishOperations();
    const { addon } = eks('DescribeAddon', { clusterName: 'shop', addonName: 'coredns' });
    expect(addon).toMatchObject({ status: 'ACTIVE', addonVersion: 'v1.12.4-eksbuild.1' });
    expect(ready(story, 'deployments.apps', 'coredns')).toMatchObject({ availableReplicas: 3 });
    eks('DeleteAddon', { clusterName: 'shop', addonName: 'coredns' });
    cloud.account.finishOperations();
    expect(story.get('deployments.apps', 'coredns', 'kube-system')).toBeUndefined();
  });

  test('what somebody else has set is a conflict', () => {
    const { cloud, eks, get } = startCloudStory({ nodes: 2 });
    const client = cloud.clusters.get('shop')!.cluster.clientFor('system:masters', 'kubectl');
    client.patch('deployments.apps', 'kube-system', 'coredns', 'merge', { spec: { replicas: 4 } });
    const create = (resolveConflicts?: string) => {
      eks('CreateAddon', { clusterName: 'shop', addonName: 'coredns', resolveConflicts });
      cloud.account.finishOperations();
      return eks('DescribeAddon', { clusterName: 'shop', addonName: 'coredns' }).addon;
    };
    const replicas = () => get('deployments.apps', 'coredns', 'kube-system')?.spec.replicas;
    const refused = create();
    expect(refused.status).toBe('CREATE_FAILED');
    expect(refused.health.issues).toEqual([
      {
        code: 'ConfigurationConflict',
        message:
          'Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\nDeployment.apps coredns - .spec.replicas',
        resourceIds: [],
      },
    ]);
    expect(replicas()).toBe(4);
    eks('DeleteAddon', { clusterName: 'shop', addonName: 'coredns', preserve: true });
    cloud.account.finishOperations();
    expect(create('OVERWRITE').status).toBe('ACTIVE');
    expect(replicas()).toBe(2);
  });

  test('that are Deployments are DEGRADED without nodes, and get well when nodes come', () => {
    const { cloud, eks } = startCloudStory({ nodes: 1 });
    eks('DeleteNodegroup', { clusterName: 'shop', nodegroupName: 'workers' });
    cloud.account.finishOperations();
    const addon = (addonName: string) => eks('DescribeAddon', { clusterName: 'shop', addonName }).addon;
    for (const addonName of ['coredns', 'vpc-cni']) eks('CreateAddon', { clusterName: 'shop', addonName });
    cloud.account.finishOperations();
    expect(addon('vpc-cni').status).toBe('ACTIVE');
    expect(addon('coredns')).toMatchObject({
      status: 'DEGRADED',
      health: { issues: [expect.objectContaining({ code: 'InsufficientNumberOfReplicas' })] },
    });
    const subnets = cloud.account.call('ec2', 'DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
    const nodeRole = cloud.account.call('iam', 'GetRole', { RoleName: 'node' }).Role.Arn;
    eks('CreateNodegroup', { clusterName: 'shop', nodegroupName: 'again', subnets, nodeRole });
    cloud.account.finishOperations();
    cloud.simulation.advance('2m');
    expect(addon('coredns')).toMatchObject({ status: 'ACTIVE', health: { issues: [] } });
  });

  test('take settings of their schema, and versions that are written like one', () => {
    const { eks } = startCloudStory({ nodes: 1 });
    const create = (input: object) => () => eks('CreateAddon', { clusterName: 'shop', addonName: 'coredns', ...input });
    expect(create({ configurationValues: 'replicas: 3' })).toThrow(
      /Json schema validation failed with error: \[\$\.replicas: is not defined in the schema/,
    );
    expect(create({ configurationValues: '[1' })).toThrow(/not in a valid YAML or JSON format/);
    expect(create({ addonVersion: '1.12' })).toThrow('Addon version specified is not supported');
    expect(create({ addonName: 'nope' })).toThrow('Addon nope specified is not supported in 1.35 kubernetes version');
  });
});

describe('a Pod', () => {
  const pod = (name: string, serviceAccountName: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { serviceAccountName, containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000'] }] },
  });
  const account = (name: string, annotations?: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'default', annotations },
  });
  const variables = (object: any): Record<string, string> =>
    Object.fromEntries(object.spec.containers[0].env.map(({ name, value }: any) => [name, value]));

  test('gets the credentials of its Pod Identity association, or of the role that its service account names', () => {
    const { cloud, eks, apply, get } = startCloudStory({ nodes: 1 });
    const roleArn = `arn:aws:iam::${cloud.account.accountId}:role/node`;
    apply(account('identity'), account('irsa', { 'eks.amazonaws.com/role-arn': roleArn }), account('plain'));
    eks('CreatePodIdentityAssociation', {
      clusterName: 'shop',
      namespace: 'default',
      serviceAccount: 'identity',
      roleArn,
    });
    apply(pod('a', 'identity'), pod('b', 'irsa'), pod('c', 'plain'));
    expect(variables(get('pods', 'a'))).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    });
    expect(variables(get('pods', 'b'))).toMatchObject({
      AWS_ROLE_ARN: roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
    });
    expect(get('pods', 'b')!.spec.volumes[0]).toEqual({
      name: 'aws-iam-token',
      projected: {
        defaultMode: 420,
        sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86400, path: 'token' } }],
      },
    });
    expect(get('pods', 'c')!.spec.containers[0].env).toBeUndefined();
    cloud.simulation.advance('1m');
    expect(get('pods', 'b')!.status.phase).toBe('Running');
  });
});

test('an add-on brings its Pod Identity associations, and takes them away', () => {
  const { cloud, eks } = startCloudStory({ nodes: 1 });
  const roleArn = `arn:aws:iam::${cloud.account.accountId}:role/node`;
  const serviceAccount = 'ebs-csi-controller-sa';
  const podIdentityAssociations = [{ serviceAccount, roleArn }];
  eks('CreateAddon', { clusterName: 'shop', addonName: 'aws-ebs-csi-driver', podIdentityAssociations });
  cloud.account.finishOperations();
  const associations = () => eks('ListPodIdentityAssociations', { clusterName: 'shop' }).associations;
  expect(associations()).toEqual([expect.objectContaining({ namespace: 'kube-system', serviceAccount })]);
  eks('DeleteAddon', { clusterName: 'shop', addonName: 'aws-ebs-csi-driver' });
  cloud.account.finishOperations();
  expect(associations()).toEqual([]);
});
