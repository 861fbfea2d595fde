/** What every verb starts from: the project's folder, its state directory, the chosen backend and renderer. */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { awsBackend } from '../backends/aws';
import type { Backend } from '../backends/backend';
import { localBackend } from '../backends/local';
import { findLocalCloud, type LocalCloudOptions, startLocalCloud } from '../backends/local-process';
import { chooseRenderer } from './render/choose';
import { OUTPUT_MODES, type OutputMode, type Renderer } from './render/renderer';

export interface CommonOptions {
  readonly backend: 'local' | 'aws';
  readonly region?: string;
  readonly output: OutputMode;
  readonly stateDir: string;
}

/** Tells the command line which exit code the run is worth. */
export type Done = (exitCode: number) => void;

/** A verb with the options that all verbs share. */
export function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--backend <name>', 'where the environment lives').choices(['local', 'aws']).default('local'))
    .option('--region <region>', 'AWS region (real AWS only)')
    .addOption(new Option('--output <mode>', 'how progress is shown').choices(OUTPUT_MODES).default('auto'))
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock');
}

export const stateDirectory = (options: { readonly stateDir: string }): string => resolve(options.stateDir);

/** Runs `work` with the renderer that the options ask for, and leaves the terminal tidy whatever happens. */
export async function withRenderer<T>(options: CommonOptions, work: (renderer: Renderer) => Promise<T>): Promise<T> {
  const renderer = chooseRenderer(options.output, process.stdout, process.env);
  try {
    return await work(renderer);
  } finally {
    renderer.close();
  }
}

/** The backend, which on the local cloud must be running already; undefined when it is not. */
export async function findBackend(options: CommonOptions): Promise<Backend | undefined> {
  const directory = stateDirectory(options);
  if (options.backend === 'aws') return awsBackend({ region: options.region, stateDirectory: directory });
  const cloud = await findLocalCloud(directory);
  return cloud && localBackend(cloud, directory);
}

/** The backend, starting the local cloud when it is not running. */
export async function startBackend(
  options: CommonOptions,
  cloudOptions: LocalCloudOptions,
): Promise<{ readonly backend: Backend; readonly started: boolean }> {
  const running = await findBackend(options);
  if (running) return { backend: running, started: false };
  const directory = stateDirectory(options);
  return { backend: localBackend(await startLocalCloud(directory, cloudOptions), directory), started: true };
}
