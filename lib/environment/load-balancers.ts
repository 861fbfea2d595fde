/**
 * A load balancer answers some minutes after Kubernetes has its name: it is provisioned first, then its targets have to
 * pass health checks. https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
import type { Backend } from '../backends/backend';

/** By the cloud's own clock, on AWS: provisioning takes some two minutes, health checks less than one. */
const LIMIT_MS = 6 * 60_000;

/** Waits until each of these load balancers is active and has a healthy target; those that do not get there are named. */
export async function waitUntilHealthy(backend: Backend, dnsNames: ReadonlySet<string>): Promise<string[]> {
  const elb = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = new elb.ElasticLoadBalancingV2Client(backend.sdk);
  const isHealthy = async (arn: string): Promise<boolean> => {
    const groups = await client.send(new elb.DescribeTargetGroupsCommand({ LoadBalancerArn: arn }));
    const states = await Promise.all(
      (groups.TargetGroups ?? []).map(async ({ TargetGroupArn }) => {
        const health = await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn }));
        return (health.TargetHealthDescriptions ?? []).some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
      }),
    );
    return states.length > 0 && states.every(Boolean);
  };
  const started = await backend.now();
  for (;;) {
    const waiting = new Set(dnsNames);
    for await (const page of elb.paginateDescribeLoadBalancers({ client }, {})) {
      for (const balancer of page.LoadBalancers ?? []) {
        if (!waiting.has(balancer.DNSName!) || balancer.State?.Code !== 'active') continue;
        if (await isHealthy(balancer.LoadBalancerArn!)) waiting.delete(balancer.DNSName!);
      }
    }
    if (waiting.size === 0 || (await backend.now()) - started > LIMIT_MS) return [...waiting];
    await new Promise((resolve) => setTimeout(resolve, backend.pollIntervalMs));
  }
}
