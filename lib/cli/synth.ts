/** `drydock synth`: print the Kubernetes objects of the manifests. The stacks' templates are printed by `npx cdk synth`. */
import { Command, Option } from 'commander';
import { loadManifests } from '../manifests/load';
import { writeYaml } from '../manifests/yaml-writer';

export function synthCommand(): Command {
  return new Command('synth')
    .description('print the Kubernetes objects that the manifests make')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(new Option('--format <format>', 'how to print them').choices(['yaml', 'json']).default('yaml'))
    .action(async (options: { manifests: string; format: 'yaml' | 'json' }) => {
      const objects = await loadManifests(options.manifests);
      process.stdout.write(options.format === 'json' ? `${JSON.stringify(objects, null, 2)}\n` : writeYaml(objects));
    });
}
