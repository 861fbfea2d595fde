/**
 * The CDK app of an environment, deployed and destroyed by the CDK's own engine (`@aws-cdk/toolkit-lib`), on real AWS
 * and on the local cloud alike. https://docs.aws.amazon.com/cdk/api/toolkit-lib/
 *
 * The app is what cdk.json says, so `npx cdk synth` and `drydock up` can never disagree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ICloudAssemblySource, IIoHost, IoMessage, IoRequest, StackActivity, Toolkit } from '@aws-cdk/toolkit-lib';
import type { Backend } from '../backends/backend';
import { UserError } from '../kubernetes/user-error';
import type { EmitEvent } from './events';

/** What an environment needs to know of a synthesised stack. */
export interface SynthesizedStack {
  readonly name: string;
  /** Names of the EKS clusters in its template that are known before the deployment. */
  readonly clusters: readonly string[];
  readonly resources: number;
}

export interface CdkApp {
  /** In the order of their deployment. */
  readonly stacks: readonly SynthesizedStack[];
  deploy(emit: EmitEvent): Promise<void>;
  destroy(emit: EmitEvent): Promise<void>;
  /** Stacks whose deployed template differs from the synthesised one, with the difference in words. */
  diff(): Promise<ReadonlyMap<string, string>>;
}

/** Runs the app of `<projectDirectory>/cdk.json`. @throws UserError when there is none, or when it fails. */
export async function loadCdkApp(projectDirectory: string, backend: Backend): Promise<CdkApp> {
  const command = readAppCommand(projectDirectory);
  // The toolkit is 1 MB of code that takes a good part of a second to load: only commands that deploy pay for it.
  const { Toolkit, BaseCredentials, StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib');
  const host = new EventHost();
  const toolkit: Toolkit = new Toolkit({
    ioHost: host,
    color: false,
    emojis: false,
    sdkConfig: {
      baseCredentials: backend.sdk.credentials
        ? BaseCredentials.custom({ provider: async () => backend.sdk.credentials!, region: backend.region })
        : BaseCredentials.awsCliCompatible({ defaultRegion: backend.region }),
    },
  });
  const source = await toolkit.fromCdkApp(command, {
    workingDirectory: projectDirectory,
    env: { ...process.env, ...backend.variables },
    lookups: backend.name === 'aws',
  });
  const assembly = await synthesize(toolkit, source, host);
  const stacks = await readStacks(assembly);
  const all = { strategy: StackSelectionStrategy.ALL_STACKS };
  return {
    stacks,
    deploy: (emit) =>
      host.reportTo(emit, async () => {
        const options = { stacks: all, stackEventPollingInterval: backend.pollIntervalMs };
        const result = await toolkit.deploy(assembly, options);
        for (const stack of result.stacks) host.finish(stack.stackName, stack.outputs);
      }),
    destroy: (emit) =>
      host.reportTo(emit, async () => {
        await toolkit.destroy(assembly, { stacks: all, stackEventPollingInterval: backend.pollIntervalMs });
      }),
    diff: async () => {
      const differences = new Map<string, string>();
      for (const [name, diff] of Object.entries(await toolkit.diff(assembly, { stacks: all }))) {
        if (!diff.isEmpty) differences.set(name, `${diff.differenceCount} differences`);
      }
      return differences;
    },
  };
}

function readAppCommand(projectDirectory: string): string {
  let text: string;
  try {
    text = readFileSync(join(projectDirectory, 'cdk.json'), 'utf8');
  } catch {
    throw new UserError(
      'NoCdkApp',
      `there is no cdk.json in ${projectDirectory}`,
      'Run drydock in the folder of your CDK app, or create cdk.json with {"app": "..."}.',
    );
  }
  const { app } = JSON.parse(text) as { app?: string };
  if (app) return app;
  throw new UserError('NoCdkApp', 'cdk.json names no "app"', 'Add {"app": "node --import tsx bin/environment.ts"}.');
}

async function synthesize(toolkit: Toolkit, source: ICloudAssemblySource, host: EventHost) {
  try {
    return await toolkit.synth(source);
  } catch (error) {
    const output = host.takeOutput();
    throw new UserError(
      'SynthesisFailed',
      `the CDK app failed: ${(error as Error).message}${output === '' ? '' : `\n${output}`}`,
      'Run `npx cdk synth` to see the app fail by itself; nothing was deployed.',
    );
  }
}

type Assembly = Awaited<ReturnType<Toolkit['synth']>>;

async function readStacks(assembly: Assembly): Promise<SynthesizedStack[]> {
  // The assembly lists stacks after the stacks that they depend on.
  const { cloudAssembly } = assembly;
  return cloudAssembly.stacksRecursively.map((stack) => {
    const resources: Record<string, { Type: string; Properties?: { Name?: unknown } }> = stack.template.Resources ?? {};
    const clusters = Object.values(resources)
      .filter((resource) => resource.Type === 'AWS::EKS::Cluster')
      .map((resource) => resource.Properties?.Name)
      .filter((name): name is string => typeof name === 'string');
    return { name: stack.stackName, clusters, resources: Object.keys(resources).length };
  });
}

/** Turns the toolkit's messages into events, and answers its questions with their defaults. */
class EventHost implements IIoHost {
  private emit: EmitEvent | undefined;
  private output: string[] = [];
  private readonly started = new Map<string, { time: number; last: number; kind: string }>();

  async reportTo(emit: EmitEvent, work: () => Promise<void>): Promise<void> {
    this.emit = emit;
    this.started.clear();
    try {
      await work();
    } finally {
      this.emit = undefined;
    }
  }

  /** What the app wrote, for an error message. */
  takeOutput(): string {
    const text = this.output.join('\n').trim();
    this.output = [];
    return text;
  }

  finish(stack: string, outputs: Readonly<Record<string, string>>): void {
    const known = this.started.get(stack);
    const outcome = known === undefined ? 'unchanged' : known.kind === 'UPDATE' ? 'updated' : 'created';
    this.emit?.({ type: 'stack-done', stack, outcome, cloudMs: known ? known.last - known.time : 0, outputs });
  }

  async notify(message: IoMessage<unknown>): Promise<void> {
    if (message.code === 'CDK_TOOLKIT_I5502' || message.code === 'CDK_TOOLKIT_I7502') {
      this.stackActivity(message.data as StackActivity);
    } else if (message.code === 'CDK_ASSEMBLY_E1002' || message.code === 'CDK_ASSEMBLY_I1001') {
      this.output.push(message.message);
    } else if (message.level === 'warn') {
      this.emit?.({ type: 'note', level: 'warning', message: message.message });
    }
  }

  async requestResponse<T>(message: IoRequest<unknown, T>): Promise<T> {
    return typeof message.defaultResponse === 'boolean' ? (true as T) : message.defaultResponse;
  }

  private stackActivity({ event, progress, metadata }: StackActivity): void {
    const stack = event.StackName ?? '';
    const time = event.Timestamp?.getTime() ?? 0;
    const status = event.ResourceStatus ?? '';
    const known = this.started.get(stack);
    if (known) known.last = Math.max(known.last, time);
    else this.started.set(stack, { time, last: time, kind: status.split('_')[0]! });
    this.emit?.({
      type: 'stack-resource',
      stack,
      logicalId: event.LogicalResourceId ?? '',
      resourceType: event.ResourceType ?? '',
      status,
      ...(event.ResourceStatusReason ? { reason: event.ResourceStatusReason } : {}),
      time,
      completed: progress.completed,
      ...(progress.total === undefined ? {} : { total: progress.total }),
      ...(metadata?.constructPath ? { constructPath: metadata.constructPath } : {}),
    });
    const finished = status === 'DELETE_COMPLETE' && event.LogicalResourceId === stack;
    if (finished) {
      const cloudMs = time - this.started.get(stack)!.time;
      this.emit?.({ type: 'stack-done', stack, outcome: 'deleted', cloudMs, outputs: {} });
    }
  }
}
