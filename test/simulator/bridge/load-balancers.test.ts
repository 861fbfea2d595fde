/** Services and Ingresses get load balancers that carry requests to Pods, and leave nothing behind. */
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { type CloudStory, startCloudStory } from '../../helpers/cloud';

const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
            args: ['serve-hostname', '--port=8080'],
            ports: [{ containerPort: 8080 }],
          },
        ],
      },
    },
  },
};

const service = (annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', annotations },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
});

const dnsNameOf = (object: KubernetesObject | undefined): string =>
  object?.status?.loadBalancer?.ingress?.[0]?.hostname;

function answers(story: CloudStory, dnsName: string, host = dnsName): Set<string | undefined> {
  const request = { dnsName, port: 80, path: '/', headers: { host } };
  return new Set(Array.from({ length: 9 }, () => story.cloud.request(request).response?.body.trim()));
}

test.each([
  ['instance targets, by node port', {}],
  ['IP targets, straight to the Pods', { 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip' }],
])('a Service of type LoadBalancer answers through its Network Load Balancer (%s)', (_name, annotations) => {
  const story = startCloudStory();
  story.apply(deployment, service(annotations));
  story.cloud.simulation.settle();
  const dnsName = dnsNameOf(story.get('services', 'web'));
  expect(dnsName).toMatch(/^k8s-default-web-[0-9a-f]{10}-[0-9a-f]{16}\.elb\.eu-west-1\.amazonaws\.com$/);
  const pods = [...story.cloud.clusters.get('shop')!.cluster.store.list('pods', 'default')].map(
    (pod) => pod.metadata.name,
  );
  expect([...answers(story, dnsName)].sort()).toEqual(pods.sort());
});

test('targets are initial before they are healthy, and draining before they are gone', () => {
  const story = startCloudStory();
  story.apply(deployment, service({ 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip' }));
  const states = () => {
    const [group] = story.elb('DescribeTargetGroups').TargetGroups;
    const health = group && story.elb('DescribeTargetHealth', { TargetGroupArn: group.TargetGroupArn });
    return (health?.TargetHealthDescriptions ?? []).map((one: any) => one.TargetHealth.State).sort();
  };
  const { simulation } = story.cloud;
  simulation.until(() => states().includes('initial'), '5m', 'an initial target');
  simulation.until(() => states().join() === 'healthy,healthy,healthy', '5m', 'three healthy targets');
  const pod = [...story.cloud.clusters.get('shop')!.cluster.store.list('pods', 'default')][0]!;
  story.remove('pods', pod.metadata.name!);
  simulation.until(() => states().includes('draining'), '5m', 'a draining target');
  simulation.advance('6m');
  expect(states()).toEqual(['healthy', 'healthy', 'healthy']);
});

const named = (name: string): KubernetesObject[] => [
  {
    ...deployment,
    metadata: { name, namespace: 'default' },
    spec: {
      ...deployment.spec,
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { ...deployment.spec.template, metadata: { labels: { app: name } } },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

const ingress = (annotations: Record<string, string>): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'sites',
    namespace: 'default',
    annotations: { 'kubernetes.io/ingress.class': 'alb', ...annotations },
  },
  spec: {
    rules: ['one', 'two'].map((name) => ({
      host: `${name}.example.com`,
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
    })),
  },
});

test.each(['ip', 'instance'])('an Ingress of class alb routes two hosts to two Services (%s targets)', (targetType) => {
  const story = startCloudStory();
  const annotations = {
    'alb.ingress.kubernetes.io/scheme': 'internet-facing',
    'alb.ingress.kubernetes.io/target-type': targetType,
  };
  story.apply(...named('one'), ...named('two'), ingress(annotations));
  story.cloud.simulation.settle();
  const dnsName = dnsNameOf(story.get('ingresses.networking.k8s.io', 'sites'));
  expect(dnsName).toMatch(/^k8s-default-sites-[0-9a-f]{10}-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
  expect([...answers(story, dnsName, 'one.example.com')]).toEqual([expect.stringMatching(/^one-/)]);
  expect([...answers(story, dnsName, 'two.example.com')]).toEqual([expect.stringMatching(/^two-/)]);
  const nobody = story.cloud.request({ dnsName, port: 80, path: '/', headers: { host: 'three.example.com' } });
  expect(nobody.response?.status).toBe(404);
});

test('an Ingress that finds no subnet for its scheme says which tag it looked for', () => {
  const story = startCloudStory();
  story.apply(...named('one'), ...named('two'), ingress({}));
  story.cloud.simulation.settle();
  const events = [...story.cloud.clusters.get('shop')!.cluster.store.list('events')];
  expect(events.find((event) => event.reason === 'FailedBuildModel')?.message).toBe(
    "Failed build model due to couldn't auto-discover subnets: unable to resolve at least one subnet " +
      '(0 match VPC and tags: [kubernetes.io/role/internal-elb])',
  );
});

test('deleting the Service gives everything back: balancer, target group, security groups, interfaces', () => {
  const story = startCloudStory();
  const groupsBefore = story.ec2('DescribeSecurityGroups').securityGroupInfo.length;
  const interfacesBefore = story.ec2('DescribeNetworkInterfaces').networkInterfaceSet.length;
  story.apply(deployment, service());
  story.cloud.simulation.settle();
  expect(story.ec2('DescribeSecurityGroups').securityGroupInfo).toHaveLength(groupsBefore + 2);
  expect(() => story.ec2('DeleteVpc', { VpcId: story.vpcId })).toThrow('has dependencies and cannot be deleted');
  story.remove('services', 'web');
  expect(story.get('services', 'web')?.metadata.finalizers).toEqual(['service.k8s.aws/resources']);
  story.cloud.simulation.until(() => story.get('services', 'web') === undefined, '10m', 'the end of the Service');
  expect(story.elb('DescribeLoadBalancers').LoadBalancers).toEqual([]);
  expect(story.elb('DescribeTargetGroups').TargetGroups).toEqual([]);
  expect(story.ec2('DescribeSecurityGroups').securityGroupInfo).toHaveLength(groupsBefore);
  expect(story.ec2('DescribeNetworkInterfaces').networkInterfaceSet).toHaveLength(interfacesBefore);
});

test('the same seed gives the same names, addresses and events', () => {
  const history = (seed: number) => {
    const story = startCloudStory({ seed });
    story.apply(deployment, service());
    story.cloud.simulation.settle();
    const { store } = story.cloud.clusters.get('shop')!.cluster;
    const objects = ['nodes', 'pods', 'events', 'services'].flatMap((collection) => [...store.list(collection)]);
    return JSON.stringify([objects, story.elb('DescribeLoadBalancers')]);
  };
  expect(history(5)).toBe(history(5));
  expect(history(5)).not.toBe(history(6));
});
