/**
 * `drydock import`: what others wrote, as TypeScript. `import yaml` rewrites manifests as a program that makes the same objects;
 * `import crd` writes the types and classes of custom resources.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { connectByKubeconfig } from '../apply';
import type { DefinitionSpec } from '../kubernetes/custom-resources/definition';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { customModule } from '../manifests/typescript/custom-types';
import { programOf } from '../manifests/typescript/program';
import { readObjects } from '../manifests/yaml-reader';

interface ImportOptions {
  readonly output?: string;
  readonly force?: boolean;
}

export function importCommand(): Command {
  const command = new Command('import').description(
    'write TypeScript from YAML manifests or custom resource definitions',
  );
  const kinds: readonly [string, string, string, (source: string) => Promise<string>][] = [
    ['yaml', '<source>', 'a file or URL; - for standard input', importYaml],
    ['crd', '<source>', 'a file or URL, or "cluster" for what the cluster of the kubeconfig has', importDefinitions],
  ];
  for (const [name, argument, explained, work] of kinds) {
    command
      .command(name)
      .argument(argument, explained)
      .description(name === 'yaml' ? 'a program that makes the same objects' : 'types and classes of custom resources')
      .option('--output <file>', 'write this file instead of printing')
      .option('--force', 'overwrite it when it is there')
      .action(async (source: string, options: ImportOptions) => write(await work(source), options));
  }
  return command;
}

async function importYaml(source: string): Promise<string> {
  const objects = readObjects(await readSource(source), source).map(({ object }) => object);
  return programOf(objects, source === '-' ? 'standard input' : source);
}

async function importDefinitions(source: string): Promise<string> {
  if (source === 'cluster') return customModule(await askCluster(), 'the cluster');
  const objects = readObjects(await readSource(source), source).map(({ object }) => object);
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const old = definitions.find(({ apiVersion }) => apiVersion !== 'apiextensions.k8s.io/v1');
  if (old !== undefined) throw oldDefinition(old);
  if (definitions.length > 0) {
    return customModule(
      definitions.map(({ spec }) => spec as DefinitionSpec),
      source,
    );
  }
  const message = `there is no CustomResourceDefinition in ${source}`;
  throw new UserError('NoDefinition', message, 'Name a file that has one; charts often keep them in crds/.');
}

const oldDefinition = ({ apiVersion, metadata }: KubernetesObject) =>
  new UserError(
    'OldDefinition',
    `CustomResourceDefinition "${metadata.name}" is in ${apiVersion}, which has no schema per version`,
    'Take the definition that a newer release of its project has.',
  );

async function readSource(source: string): Promise<string> {
  if (source === '-') return readFileSync(0, 'utf8');
  if (!/^https?:\/\//.test(source)) {
    try {
      return readFileSync(source, 'utf8');
    } catch (cause) {
      throw new UserError('NoSuchFile', `cannot read ${source}: ${(cause as Error).message}`, 'Check the path.');
    }
  }
  const refused = (why: string) => new UserError('CannotFetch', `cannot fetch ${source}: ${why}`, 'Check the address.');
  const response = await fetch(source).catch((error: Error) => {
    throw refused(error.message);
  });
  if (!response.ok) throw refused(`${response.status} ${response.statusText}`);
  return response.text();
}

/** Of the cluster that kubectl would ask. */
async function askCluster(): Promise<DefinitionSpec[]> {
  const transport = await connectByKubeconfig();
  try {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const { body } = await transport.request({ method: 'GET', path });
    return (body.items as KubernetesObject[]).map(({ spec }) => spec as DefinitionSpec);
  } finally {
    transport.close();
  }
}

function write(program: string, { output, force }: ImportOptions): void {
  if (output === undefined) {
    process.stdout.write(program);
    return;
  }
  if (!force && existsSync(output)) {
    throw new UserError('FileExists', `${output} is there already`, 'Name another file, or overwrite it with --force.');
  }
  writeFileSync(output, program);
  process.stderr.write(`wrote ${output}\n`);
}
