/**
 * `up`: stacks first, then objects, then the proof. What is there already is kept, so running it again, also after a
 * crash in the middle, goes on from where things stand.
 */
import { relative } from 'node:path';
import { apply, formatCounts, type Transport } from '../apply';
import type { Backend } from '../backends/backend';
import type { KubernetesObject } from '../kubernetes/object';
import { describeFinding } from '../manifests/check';
import { loadManifests } from '../manifests/load';
import { connectAsAdmin } from './access';
import type { EmitEvent, PhaseName } from './events';
import { readLoadBalanced } from './objects';
import { prove } from './proof';
import { refuseForeignStacks, withStackOutputs } from './stack-outputs';
import { writeEnvironmentRecord } from './state';
import { type EnvironmentSource, findTarget } from './target';

export interface UpOptions extends EnvironmentSource {
  readonly stateDirectory: string;
  /** Relative to the project. */
  readonly manifestsDirectory: string;
  /** How long objects may take to become ready, in the cloud's time. */
  readonly timeout: string;
  /** Take fields that others have changed, e.g. with `kubectl edit`. @default false */
  readonly forceConflicts?: boolean;
  startBackend(): Promise<{ readonly backend: Backend; readonly started: boolean }>;
  readonly emit: EmitEvent;
}

/** Returns whether everything is ready and proven. @throws UserError for mistakes; nothing is lost then. */
export async function bringUp(options: UpOptions): Promise<boolean> {
  const { emit } = options;
  const startedAt = performance.now();
  // Mistakes in the manifests are found before anything is created.
  const written = await loadManifests(options.manifestsDirectory, {
    onWarning: (finding) => emit({ type: 'note', level: 'warning', message: describeFinding(finding) }),
  });
  const backend = await startCloud(options);
  const target = await findTarget(backend, options);
  const { app, cluster, stacks, roleArn } = target;
  if (app) refuseForeignStacks(written, stacks);
  writeEnvironmentRecord(options.stateDirectory, {
    version: 1,
    backend: backend.name,
    account: backend.account,
    region: backend.region,
    phase: 'up',
    stacks,
    clusters: [cluster],
    ...(roleArn ? { roleArn } : {}),
  });
  if (app) {
    await phase(backend, emit, 'stacks', `${app.stacks.length} in the app`, async () => {
      await app.deploy(emit);
      return { ok: true, message: `${app.stacks.length} deployed` };
    });
  }
  const objects = await withStackOutputs(backend, written);
  const kubeconfig = await backend.writeKubeconfig(cluster, roleArn);
  const transport = await connectAsAdmin(backend, cluster, target);
  try {
    if (!(await applyObjects(options, backend, transport, objects))) return fail(emit, cluster);
    const proven = await proveEnvironment(backend, emit, await readLoadBalanced(transport));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    emit({
      type: 'result',
      ok: proven,
      message: proven
        ? `the environment is up (${seconds} s)`
        : 'the environment is up, but a load balancer does not answer',
      next: nextCommands(relative(process.cwd(), kubeconfig), objects),
    });
    return proven;
  } finally {
    transport.close();
  }
}

async function startCloud({ startBackend, emit }: UpOptions): Promise<Backend> {
  const start = performance.now();
  const { backend, started } = await startBackend();
  const where =
    backend.name === 'local'
      ? `local cloud (simulated) ${started ? 'started' : 'is running'} at ${backend.sdk.endpoint}`
      : `AWS account ${backend.account}, ${backend.region}`;
  emit({ type: 'phase-done', phase: 'cloud', ok: true, message: where, wallMs: performance.now() - start });
  return backend;
}

async function applyObjects(
  options: UpOptions,
  backend: Backend,
  transport: Transport,
  objects: readonly KubernetesObject[],
): Promise<boolean> {
  const { emit } = options;
  return phase(backend, emit, 'objects', `${objects.length} in ${options.manifestsDirectory}/`, async () => {
    const result = await apply({
      objects,
      transport,
      timeout: options.timeout,
      ...(options.forceConflicts ? { forceFrom: 'all' as const } : {}),
      onEvent: (event) => emit({ type: 'object', event }),
    });
    const ok = result.outcome === 'succeeded';
    return { ok, message: ok ? `${objects.length} ready` : `${result.outcome}: ${formatCounts(result.plan)}` };
  });
}

async function proveEnvironment(
  backend: Backend,
  emit: EmitEvent,
  live: readonly KubernetesObject[],
): Promise<boolean> {
  return phase(backend, emit, 'proof', 'requests through the load balancers', async () => {
    const result = await prove(backend, live, emit);
    const message =
      result.addresses === 0
        ? 'no load balancer in the manifests: nothing to ask'
        : `${result.requests} requests to ${result.addresses} addresses, ${result.answers} different answers`;
    return { ok: result.ok, message };
  });
}

/** Runs one phase and reports how long it took, on the wall and in the cloud. */
export async function phase(
  backend: Backend,
  emit: EmitEvent,
  name: PhaseName,
  message: string,
  work: () => Promise<{ readonly ok: boolean; readonly message: string }>,
): Promise<boolean> {
  emit({ type: 'phase', phase: name, message });
  const wall = performance.now();
  const cloud = await backend.now();
  const done = await backend.hurry(work);
  const cloudMs = (await backend.now()) - cloud;
  emit({ type: 'phase-done', phase: name, ...done, cloudMs, wallMs: performance.now() - wall });
  return done.ok;
}

function nextCommands(kubeconfig: string, objects: readonly KubernetesObject[]) {
  const namespace = objects.find((object) => object.kind === 'Deployment')?.metadata.namespace ?? 'default';
  return [
    { command: `kubectl --kubeconfig ${kubeconfig} get pods -n ${namespace} -o wide`, why: 'look at the Pods' },
    { command: 'npx drydock status', why: 'stacks, objects and addresses at a glance' },
    { command: 'npx drydock down', why: 'remove everything, and prove it' },
  ];
}

function fail(emit: EmitEvent, cluster: string): boolean {
  emit({
    type: 'result',
    ok: false,
    message: `not all objects became ready on ${cluster}`,
    next: [
      { command: 'npx drydock status', why: 'what is not ready, and why' },
      { command: 'npx drydock up', why: 'after mending it: goes on from where things stand' },
      { command: 'npx drydock down', why: 'remove everything' },
    ],
  });
  return false;
}
