/** A controller whose role may not do what it has to do says so, in the words of AWS. */
import { loadBalancerControllerStatements } from '../../../lib/stacks/policies/load-balancer-controller-policy';
import { type CloudStory, startCloudStory } from '../../helpers/cloud';

const TRUST = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  ],
};

function giveRole(story: CloudStory, serviceAccount: string, statements: object[], trust: object = TRUST): string {
  const { account } = story.cloud;
  const AssumeRolePolicyDocument = JSON.stringify(trust);
  const roleArn = account.call('iam', 'CreateRole', { RoleName: serviceAccount, AssumeRolePolicyDocument }).Role.Arn;
  allow(story, serviceAccount, statements);
  story.eks('CreatePodIdentityAssociation', { clusterName: 'shop', namespace: 'kube-system', serviceAccount, roleArn });
  return roleArn;
}

function allow({ cloud }: CloudStory, RoleName: string, Statement: object[]): void {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  cloud.account.call('iam', 'PutRolePolicy', { RoleName, PolicyName: 'main', PolicyDocument });
}

const messages = ({ cloud }: CloudStory): string[] =>
  cloud.clusters
    .get('shop')!
    .cluster.clientFor('system:masters')
    .list('events', { namespace: 'default' })
    .map((event) => event.message ?? event.note);

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'default',
    annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' },
  },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
};

const ingress = (host: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'shop',
    namespace: 'default',
    annotations: { 'kubernetes.io/ingress.class': 'alb', 'alb.ingress.kubernetes.io/scheme': 'internet-facing' },
  },
  spec: {
    rules: [
      {
        host,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
});

describe('the AWS Load Balancer Controller', () => {
  const statements = () => loadBalancerControllerStatements('shop').map((statement) => statement.toStatementJson());

  test('makes, changes and removes load balancers with the policy of our stacks', () => {
    const story = startCloudStory({ nodes: 1 });
    giveRole(story, 'aws-load-balancer-controller', statements());
    story.apply(service, ingress('a.example.com'));
    story.cloud.simulation.advance('4m');
    const client = story.cloud.clusters.get('shop')!.cluster.clientFor('system:masters');
    client.patch('ingresses.networking.k8s.io', 'default', 'shop', 'merge', { spec: ingress('b.example.com').spec });
    story.cloud.simulation.advance('1m');
    expect(messages(story).filter((message) => message.startsWith('Failed'))).toEqual([]);
    expect(story.elb('DescribeLoadBalancers').LoadBalancers).toHaveLength(2);
    story.remove('services', 'web');
    story.remove('ingresses.networking.k8s.io', 'shop');
    story.cloud.simulation.advance('5m');
    expect(messages(story).filter((message) => message.startsWith('Failed'))).toEqual([]);
    expect(story.elb('DescribeLoadBalancers').LoadBalancers).toEqual([]);
  });

  test('fails without a permission, and goes on when it gets it', () => {
    const story = startCloudStory({ nodes: 1 });
    const without = JSON.parse(
      JSON.stringify(statements()).replaceAll('elasticloadbalancing:CreateLoadBalancer', 'x:y'),
    );
    giveRole(story, 'aws-load-balancer-controller', without);
    story.apply(service);
    story.cloud.simulation.advance('1m');
    expect(messages(story)).toContainEqual(
      expect.stringMatching(
        /^Failed deploy model due to AccessDenied: User: arn:aws:sts::\d+:assumed-role\/aws-load-balancer-controller\/\S+ is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on resource: arn:aws:elasticloadbalancing:\S+ because no identity-based policy allows the elasticloadbalancing:CreateLoadBalancer action$/,
      ),
    );
    allow(story, 'aws-load-balancer-controller', statements());
    story.cloud.simulation.advance('4m');
    expect(story.get('services', 'web')!.status.loadBalancer.ingress).toHaveLength(1);
  });

  test('gets no role that does not trust EKS', () => {
    const story = startCloudStory({ nodes: 1 });
    const trust = {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    giveRole(story, 'aws-load-balancer-controller', statements(), trust);
    story.apply(service);
    story.cloud.simulation.advance('1m');
    expect(messages(story)).toContainEqual(
      expect.stringContaining('EKS does not have permissions to assume the associated role.'),
    );
  });
});

describe('the EBS CSI driver', () => {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'ebs', resources: { requests: { storage: '1Gi' } } },
  };
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'ebs' },
    provisioner: 'ebs.csi.aws.com',
    volumeBindingMode: 'Immediate',
  };

  test('by IRSA, is let in by the trust policy and by its permissions', () => {
    const story = startCloudStory({ nodes: 1 });
    const { account } = story.cloud;
    const { issuer } = story.eks('DescribeCluster', { name: 'shop' }).cluster.identity.oidc;
    const host = issuer.replace('https://', '');
    const Arn = account.call('iam', 'CreateOpenIDConnectProvider', {
      Url: issuer,
      ClientIDList: ['sts.amazonaws.com'],
    }).OpenIDConnectProviderArn;
    const trust = (name: string) =>
      JSON.stringify({
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: Arn },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: { StringEquals: { [`${host}:sub`]: `system:serviceaccount:kube-system:${name}` } },
          },
        ],
      });
    const role = account.call('iam', 'CreateRole', {
      RoleName: 'ebs',
      AssumeRolePolicyDocument: trust('somebody-else'),
    }).Role;
    story.apply(storageClass, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'ebs-csi-controller-sa',
        namespace: 'kube-system',
        annotations: { 'eks.amazonaws.com/role-arn': role.Arn },
      },
    });
    story.apply(claim);
    story.cloud.simulation.advance('1m');
    const last = () =>
      messages(story)
        .filter((message) => message.startsWith('failed to provision'))
        .at(-1);
    expect(last()).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');

    const PolicyDocument = trust('ebs-csi-controller-sa');
    account.call('iam', 'UpdateAssumeRolePolicy', { RoleName: 'ebs', PolicyDocument });
    story.cloud.simulation.advance('5m');
    expect(last()).toMatch(
      /^failed to provision volume with StorageClass "ebs": rpc error: code = Internal desc = Could not create volume "pvc-\S+": could not create volume in EC2: operation error EC2: CreateVolume, https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation. User: \S+ is not authorized to perform: ec2:CreateVolume on resource/,
    );

    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy';
    account.call('iam', 'AttachRolePolicy', { RoleName: 'ebs', PolicyArn });
    story.cloud.simulation.advance('10m');
    expect(story.get('persistentvolumeclaims', 'data')!.status.phase).toBe('Bound');
  });
});
