/** What is there: stacks, objects with the reason why they are not ready, and the addresses that answer. */
import { type Change, formatRef, inspect, keyOf, plan } from '../apply';
import type { Backend } from '../backends/backend';
import { type Readiness, readinessOf } from '../kubernetes/readiness';
import { UserError } from '../kubernetes/user-error';
import { loadManifests } from '../manifests/load';
import { connectAsAdmin } from './access';
import { readLoadBalanced } from './objects';
import type { EnvironmentRecord } from './state';

export interface StackStatus {
  readonly name: string;
  /** CloudFormation's word, or `does not exist`. */
  readonly status: string;
}

export interface ObjectStatus {
  /** As kubectl writes it: `deployment.apps/web`. */
  readonly name: string;
  readonly namespace?: string;
  readonly readiness: Readiness;
  /** What `up` would do about it; `keep` when it is as the source says. */
  readonly drift: Change['action'];
}

export interface EnvironmentStatus {
  readonly stacks: readonly StackStatus[];
  readonly objects: readonly ObjectStatus[];
  readonly addresses: readonly { readonly name: string; readonly dnsName: string }[];
  /** Why the objects could not be read, if they could not. */
  readonly unreachable?: string;
}

export async function readStatus(
  backend: Backend,
  record: EnvironmentRecord,
  manifestsDirectory: string,
): Promise<EnvironmentStatus> {
  const stacks = await readStacks(backend, record.stacks);
  try {
    return { stacks, ...(await readObjects(backend, record, manifestsDirectory)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { stacks, objects: [], addresses: [], unreachable: error.message };
  }
}

async function readStacks({ sdk }: Backend, names: readonly string[]): Promise<StackStatus[]> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(sdk);
  return Promise.all(
    names.map(async (name) => {
      try {
        const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
        return { name, status: Stacks?.[0]?.StackStatus ?? 'does not exist' };
      } catch (error) {
        if ((error as Error).name !== 'ValidationError') throw error;
        return { name, status: 'does not exist' };
      }
    }),
  );
}

async function readObjects(backend: Backend, record: EnvironmentRecord, manifestsDirectory: string) {
  const transport = await connectAsAdmin(backend, record.clusters[0]!, record);
  try {
    const objects = await loadManifests(manifestsDirectory);
    const [{ changes }, members] = await Promise.all([plan({ objects, transport }), inspect({ transport })]);
    const verdicts = new Map(members.map(({ ref, readiness }) => [keyOf(ref), readiness]));
    const balanced = await readLoadBalanced(transport);
    return {
      objects: changes.map((change) => objectStatus(change, verdicts.get(change.key))),
      addresses: balanced.map((object) => ({
        name: `${object.kind.toLowerCase()}/${object.metadata.name}`,
        dnsName: object.status.loadBalancer.ingress[0].hostname ?? object.status.loadBalancer.ingress[0].ip,
      })),
    };
  } finally {
    transport.close();
  }
}

/** `verdict` knows the Pods and events around the object; without it (the object is not ours yet) it speaks for itself. */
function objectStatus({ ref, action, live }: Change, verdict: Readiness | undefined): ObjectStatus {
  const missing: Readiness = { status: 'NotFound', message: 'does not exist' };
  const readiness = verdict ?? (live ? readinessOf(live) : missing);
  return { name: formatRef(ref), ...(ref.namespace ? { namespace: ref.namespace } : {}), readiness, drift: action };
}
