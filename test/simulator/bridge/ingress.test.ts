/** Ingresses, as the AWS Load Balancer Controller's annotations shape them. */
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { type CloudStory, startCloudStory } from '../../helpers/cloud';

const PREFIX = 'alb.ingress.kubernetes.io';

const application = (name: string): KubernetesObject[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image: `shop/${name}`, ports: [{ containerPort: 8080 }] }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

interface IngressOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, { readonly name: string; readonly port: object }>>;
  readonly host?: string;
  readonly ingressClassName?: string;
}

const ingress = (name: string, { annotations = {}, paths, host, ingressClassName = 'alb' }: IngressOptions) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name,
    namespace: 'default',
    annotations: Object.fromEntries(
      Object.entries({ scheme: 'internet-facing', 'target-type': 'ip', ...annotations }).map(([key, value]) => [
        `${PREFIX}/${key}`,
        value,
      ]),
    ),
  },
  spec: {
    ingressClassName,
    rules: [
      {
        host,
        http: {
          paths: Object.entries(paths).map(([path, service]) => ({ path, pathType: 'Prefix', backend: { service } })),
        },
      },
    ],
  },
});

const to = (name: string, port: object = { number: 80 }) => ({ name, port });

function shop(...names: string[]): CloudStory {
  const story = startCloudStory({ nodes: 2 });
  story.apply(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'alb' },
      spec: { controller: 'ingress.k8s.aws/alb' },
    },
    ...names.flatMap(application),
  );
  story.cloud.simulation.advance('1m');
  return story;
}

const balancers = (story: CloudStory): any[] => story.elb('DescribeLoadBalancers').LoadBalancers;
const listenersOf = (story: CloudStory, balancer = balancers(story)[0]): any[] =>
  story.elb('DescribeListeners', { LoadBalancerArn: balancer.LoadBalancerArn }).Listeners;

function get(
  story: CloudStory,
  path: string,
  options: { port?: number; headers?: Record<string, string>; method?: string } = {},
) {
  const { port = 80, headers, method } = options;
  const { DNSName: dnsName } = balancers(story)[0];
  return story.cloud.request({ dnsName, port, path, headers, method }).response;
}

test('Ingresses of a group share a load balancer, in their order; the last one takes it away', () => {
  const story = shop('web', 'api');
  const group = (order: string) => ({ 'group.name': 'shop', 'group.order': order });
  story.apply(
    ingress('web', { annotations: group('20'), paths: { '/': to('web') } }),
    ingress('api', { annotations: group('10'), paths: { '/api': to('api') } }),
  );
  story.cloud.simulation.advance('4m');
  expect(balancers(story)).toHaveLength(1);
  expect(get(story, '/api/x')!.body).toContain('shop/api');
  expect(get(story, '/')!.body).toContain('shop/web');
  const hostname = (name: string) =>
    story.get('ingresses.networking.k8s.io', name)!.status.loadBalancer.ingress[0].hostname;
  expect(hostname('web')).toBe(hostname('api'));
  expect(story.get('ingresses.networking.k8s.io', 'web')!.metadata.finalizers).toEqual(['group.ingress.k8s.aws/shop']);

  story.remove('ingresses.networking.k8s.io', 'api');
  story.cloud.simulation.advance('1m');
  expect(story.get('ingresses.networking.k8s.io', 'api')).toBeUndefined();
  expect(get(story, '/api/x')!.body).toContain('shop/web');
  story.remove('ingresses.networking.k8s.io', 'web');
  story.cloud.simulation.advance('5m');
  expect(balancers(story)).toEqual([]);
  expect(story.elb('DescribeTargetGroups').TargetGroups).toEqual([]);
});

test('listens on several ports, and sends plain requests to the secure one', () => {
  const story = shop('web');
  const certificate = 'arn:aws:acm:eu-west-1:000000000000:certificate/1';
  const annotations = {
    'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
    'certificate-arn': certificate,
    'ssl-redirect': '443',
  };
  story.apply(ingress('web', { annotations, paths: { '/': to('web') } }));
  story.cloud.simulation.advance('4m');
  expect(listenersOf(story).map(({ Port, Protocol }) => [Port, Protocol])).toEqual([
    [80, 'HTTP'],
    [443, 'HTTPS'],
  ]);
  const redirected = get(story, '/a?b=1', { headers: { host: 'shop.example.com' } })!;
  expect(redirected.status).toBe(301);
  expect(redirected.headers).toEqual({ location: 'https://shop.example.com/a?b=1' });
  expect(get(story, '/', { port: 443 })!.body).toContain('shop/web');
});

test('actions and conditions by annotation: fixed answers, weights, headers', () => {
  const story = shop('web', 'canary');
  const weighted = {
    type: 'forward',
    forwardConfig: {
      targetGroups: [
        { serviceName: 'web', servicePort: '80', weight: 3 },
        { serviceName: 'canary', servicePort: '80', weight: 1 },
      ],
    },
  };
  const annotations = {
    'actions.teapot':
      '{"type":"fixed-response","fixedResponseConfig":{"contentType":"text/plain","statusCode":"418","messageBody":"short and stout"}}',
    'actions.split': JSON.stringify(weighted),
    'conditions.canary': '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["yes"]}}]',
  };
  const annotation = { name: 'use-annotation' };
  const paths = { '/tea': to('teapot', annotation), '/split': to('split', annotation), '/': to('canary') };
  story.apply(ingress('web', { annotations, paths }));
  story.cloud.simulation.advance('4m');
  expect(get(story, '/tea')).toMatchObject({ status: 418, body: 'short and stout' });
  const bodies = Array.from({ length: 8 }, () => get(story, '/split')!.body);
  expect(bodies.filter((body) => body.includes('shop/canary'))).toHaveLength(2);
  expect(get(story, '/')!.status).toBe(404);
  expect(get(story, '/', { headers: { 'x-canary': 'yes' } })!.body).toContain('shop/canary');

  const client = story.cloud.clusters.get('shop')!.cluster.clientFor('system:masters');
  client.patch('ingresses.networking.k8s.io', 'default', 'web', 'merge', {
    metadata: { annotations: { [`${PREFIX}/actions.teapot`]: '{' } },
  });
  story.cloud.simulation.advance('1m');
  const messages = client.list('events', { namespace: 'default' }).map((event) => event.message ?? event.note);
  expect(messages).toContainEqual(
    expect.stringContaining(`Failed build model due to failed to parse json annotation, ${PREFIX}/actions.teapot: {`),
  );
});

test('another scheme takes another load balancer', () => {
  const story = shop('web');
  story.apply(ingress('web', { paths: { '/': to('web') } }));
  story.cloud.simulation.advance('4m');
  const [before] = balancers(story);
  // Internal load balancers go into subnets that are marked for them.
  for (const { subnetId } of story.ec2('DescribeSubnets').subnetSet) {
    story.ec2('CreateTags', { ResourceId: [subnetId], Tag: [{ Key: 'kubernetes.io/role/internal-elb', Value: '1' }] });
  }
  const client = story.cloud.clusters.get('shop')!.cluster.clientFor('system:masters');
  client.patch('ingresses.networking.k8s.io', 'default', 'web', 'merge', {
    metadata: { annotations: { [`${PREFIX}/scheme`]: 'internal' } },
  });
  story.cloud.simulation.advance('4m');
  const [after] = balancers(story);
  expect([before.Scheme, after.Scheme]).toEqual(['internet-facing', 'internal']);
  expect(after.DNSName).not.toBe(before.DNSName);
  expect(story.get('ingresses.networking.k8s.io', 'web')!.status.loadBalancer.ingress[0].hostname).toBe(after.DNSName);
  expect(get(story, '/')!.body).toContain('shop/web');
});

test('subnets, attributes, tags and clients by annotation; the class may decide for everybody', () => {
  const story = shop('web');
  const subnets = story.ec2('DescribeSubnets').subnetSet.map((subnet: any) => subnet.subnetId);
  story.apply(
    {
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'IngressClassParams',
      metadata: { name: 'public' },
      spec: { scheme: 'internet-facing', group: { name: 'everybody' }, inboundCIDRs: ['192.0.2.0/24'] },
    } as KubernetesObject,
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'public' },
      spec: {
        controller: 'ingress.k8s.aws/alb',
        parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'public' },
      },
    },
    ingress('web', {
      ingressClassName: 'public',
      annotations: {
        scheme: 'internal',
        subnets: subnets.join(','),
        'load-balancer-attributes': 'idle_timeout.timeout_seconds=120',
        tags: 'team=shop',
      },
      paths: { '/': to('web') },
    }),
  );
  story.cloud.simulation.advance('4m');
  const [balancer] = balancers(story);
  const { LoadBalancerArn } = balancer;
  expect(balancer.Scheme).toBe('internet-facing');
  const { Attributes } = story.elb('DescribeLoadBalancerAttributes', { LoadBalancerArn });
  expect(Attributes).toContainEqual({ Key: 'idle_timeout.timeout_seconds', Value: '120' });
  const { Tags } = story.elb('DescribeTags', { ResourceArns: [LoadBalancerArn] }).TagDescriptions[0];
  expect(Tags).toEqual(
    expect.arrayContaining([
      { Key: 'team', Value: 'shop' },
      { Key: 'ingress.k8s.aws/stack', Value: 'everybody' },
    ]),
  );
  const [managed] = story.ec2('DescribeSecurityGroups', {
    Filter: [{ Name: 'tag:ingress.k8s.aws/resource', Value: ['ManagedLBSecurityGroup'] }],
  }).securityGroupInfo;
  expect(managed.ipPermissions[0].ipRanges).toEqual([{ cidrIp: '192.0.2.0/24', description: undefined }]);
});

test('a TargetGroupBinding fills a target group of somebody else, and empties it again', () => {
  const story = shop('web');
  const { TargetGroupArn } = story.elb('CreateTargetGroup', {
    Name: 'of-a-stack',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: story.vpcId,
    TargetType: 'ip',
  }).TargetGroups[0];
  story.apply({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: 'web', namespace: 'default' },
    spec: { serviceRef: { name: 'web', port: 80 }, targetGroupARN: TargetGroupArn },
  } as KubernetesObject);
  story.cloud.simulation.advance('1m');
  const targets = () => story.elb('DescribeTargetHealth', { TargetGroupArn }).TargetHealthDescriptions;
  expect(targets()).toEqual([expect.objectContaining({ Target: expect.objectContaining({ Port: 8080 }) })]);
  story.remove('targetgroupbindings.elbv2.k8s.aws', 'web');
  story.cloud.simulation.advance('6m');
  expect(targets()).toEqual([]);
  expect(story.get('targetgroupbindings.elbv2.k8s.aws', 'web')).toBeUndefined();
});
