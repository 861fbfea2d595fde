/**
 * `drydock synth`: print the Kubernetes objects of the manifests, and on standard error what is wrong with them. The stacks'
 * templates are printed by `npx cdk synth`.
 */
import { Command, Option } from 'commander';
import { describeFinding, validate } from '../manifests/check';
import { loadManifests } from '../manifests/load';
import { writeYaml } from '../manifests/yaml-writer';
import type { Done } from './context';

export function synthCommand(done: Done): Command {
  return new Command('synth')
    .description('print the Kubernetes objects that the manifests make')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .addOption(new Option('--format <format>', 'how to print them').choices(['yaml', 'json']).default('yaml'))
    .action(async (options: { manifests: string; format: 'yaml' | 'json' }) => {
      const objects = await loadManifests(options.manifests);
      const findings = validate(objects);
      for (const finding of findings) process.stderr.write(`${describeFinding(finding)}\n`);
      if (findings.some((finding) => finding.severity === 'error')) done(1);
      process.stdout.write(options.format === 'json' ? `${JSON.stringify(objects, null, 2)}\n` : writeYaml(objects));
    });
}
