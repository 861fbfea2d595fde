/** `drydock env`: the variables that point every AWS tool at the local cloud, as a shell reads them. */
import { Command, Option } from 'commander';
import { localVariables } from '../backends/local';
import { findRunningCloud } from './find-cloud';

const FORMATS: Readonly<Record<string, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}=${value}`,
  fish: (name, value) => `set -gx ${name} ${value}`,
  powershell: (name, value) => `$Env:${name} = "${value}"`,
  dotenv: (name, value) => `${name}=${value}`,
};

interface EnvOptions {
  readonly stateDir: string;
  readonly format: string;
}

export function envCommand(): Command {
  return new Command('env')
    .description('print the environment variables that point every AWS tool at the local cloud')
    .addOption(
      new Option('--format <format>', 'how they are written').choices([...Object.keys(FORMATS), 'json']).default('sh'),
    )
    .option('--state-dir <folder>', 'where drydock keeps its records', '.drydock')
    .action(async (options: EnvOptions) => {
      const variables = localVariables(await findRunningCloud(options));
      const write = FORMATS[options.format];
      const lines = write
        ? Object.entries(variables).map(([name, value]) => write(name, value))
        : [JSON.stringify(variables, undefined, 2)];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}
