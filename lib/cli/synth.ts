/**
 * `drydock synth`: the Kubernetes objects of the manifests, on standard output or as files, and on standard error what is wrong with
 * them. The stacks' templates are printed by `npx cdk synth`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { UserError } from '../kubernetes/user-error';
import { describeFinding } from '../manifests/check';
import { writeJson } from '../manifests/json-writer';
import { loadManifests } from '../manifests/load';
import { layOut, type OutputFile, type OutputOptions } from '../manifests/output';
import { writeYaml } from '../manifests/yaml-writer';

interface SynthOptions extends Required<OutputOptions> {
  readonly manifests: string;
  readonly output?: string;
}

export function synthCommand(): Command {
  return new Command('synth')
    .description('print the Kubernetes objects that the manifests make, or write them to files')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .option('--output <folder>', 'write files into this folder instead of printing')
    .addOption(
      new Option('--per <unit>', 'one file per what, with --output')
        .choices(['app', 'chart', 'object'])
        .default('chart'),
    )
    .addOption(new Option('--format <format>', 'how to write them').choices(['yaml', 'json']).default('yaml'))
    .action(async ({ manifests, output, per, format }: SynthOptions) => {
      const objects = await loadManifests(manifests, {
        onWarning: (finding) => process.stderr.write(`${describeFinding(finding)}\n`),
      });
      if (output === undefined) process.stdout.write(format === 'json' ? writeJson(objects) : writeYaml(objects));
      else writeFiles(output, layOut(objects, { per, format }));
    });
}

/** Names what the last run wrote, so that files of objects that are gone can go. */
const RECORD = '.drydock-synth.json';

function writeFiles(folder: string, files: readonly OutputFile[]): void {
  const record = join(folder, RECORD);
  const before: string[] = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : [];
  const now = new Set(files.map(({ path }) => path));
  const foreign = files.find(({ path }) => !before.includes(path) && existsSync(join(folder, path)));
  if (foreign !== undefined) {
    const message = `${join(folder, foreign.path)} is there already, and was not written by drydock synth`;
    throw new UserError('FileExists', message, 'Name another folder, or move the file away.');
  }
  for (const path of before) if (!now.has(path)) rmSync(join(folder, path), { force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(record, `${JSON.stringify([...now].sort(), undefined, 2)}\n`);
  process.stderr.write(`${files.length} ${files.length === 1 ? 'file' : 'files'} in ${folder}/\n`);
}
