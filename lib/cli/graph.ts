/** `drydock graph`: what the manifests consist of and how it hangs together, in the terminal or as a picture. */
import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { graphOf } from '../manifests/graph/relations';
import { graphAsSvg } from '../manifests/graph/svg';
import { graphAsText } from '../manifests/graph/text';
import { loadManifests } from '../manifests/load';

const FORMATS = ['text', 'svg', 'json'] as const;

interface GraphOptions {
  readonly manifests: string;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

export function graphCommand(): Command {
  return new Command('graph')
    .description('show what the manifests consist of: objects, traffic, selectors, mounts, rights')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(new Option('--format <format>', 'how to show it').choices(FORMATS).default('text'))
    .option('--output <file>', 'where to write it (default: standard output)')
    .action(async ({ manifests, format, output }: GraphOptions) => {
      const graph = graphOf(await loadManifests(manifests));
      const text =
        format === 'svg'
          ? graphAsSvg(graph, `The objects of ${manifests}/`)
          : format === 'json'
            ? `${JSON.stringify(graph, undefined, 2)}\n`
            : graphAsText(graph);
      if (output === undefined) process.stdout.write(text);
      else writeFileSync(output, text);
    });
}
