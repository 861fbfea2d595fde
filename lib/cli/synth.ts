/**
 * `drydock synth`: print the Kubernetes objects of the manifests, and on standard error what is wrong with them. The stacks'
 * templates are printed by `npx cdk synth`.
 */
import { Command, Option } from 'commander';
import { describeFinding } from '../manifests/check';
import { writeJson } from '../manifests/json-writer';
import { loadManifests } from '../manifests/load';
import { writeYaml } from '../manifests/yaml-writer';

export function synthCommand(): Command {
  return new Command('synth')
    .description('print the Kubernetes objects that the manifests make')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(new Option('--format <format>', 'how to print them').choices(['yaml', 'json']).default('yaml'))
    .action(async (options: { manifests: string; format: 'yaml' | 'json' }) => {
      const objects = await loadManifests(options.manifests, {
        onWarning: (finding) =>
          process.stderr.write(`${describeFinding(finding)}
`),
      });
      process.stdout.write(options.format === 'json' ? writeJson(objects) : writeYaml(objects));
    });
}
