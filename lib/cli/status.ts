/** `drydock status`: stacks, objects and addresses at a glance, with the reason why something is not ready. */
import type { Command } from 'commander';
import { readEnvironmentRecord } from '../environment/state';
import { type EnvironmentStatus, readStatus } from '../environment/status';
import { UserError } from '../kubernetes/user-error';
import { type CommonOptions, type Done, findBackend, stateDirectory, verb } from './context';

export function statusCommand(done: Done): Command {
  return verb('status', 'show stacks, objects and addresses; exit code 1 when something is not ready')
    .option('--manifests <folder>', 'the folder of the manifests', 'manifests')
    .action(async (options: CommonOptions & { manifests: string }) => {
      const record = readEnvironmentRecord(stateDirectory(options));
      if (!record)
        throw new UserError('NoEnvironment', 'no environment was brought up from this folder', 'Run `drydock up`.');
      const backend = await findBackend(options);
      if (!backend) throw new UserError('NoCloud', 'the local cloud is not running', 'Run `drydock up`.');
      const status = await readStatus(backend, record, options.manifests);
      process.stdout.write(options.output === 'json' ? `${JSON.stringify(status)}\n` : format(status));
      done(isReady(status) ? 0 : 1);
    });
}

function isReady(status: EnvironmentStatus): boolean {
  return (
    status.stacks.every((stack) => stack.status.endsWith('_COMPLETE')) &&
    status.objects.every((object) => object.readiness.status === 'Current') &&
    status.unreachable === undefined
  );
}

function format(status: EnvironmentStatus): string {
  const lines = ['Stacks', ...table(status.stacks.map((stack) => [stack.name, stack.status]))];
  lines.push('Objects');
  if (status.unreachable) lines.push(`  ${status.unreachable}`);
  lines.push(
    ...table(
      status.objects.map(({ name, namespace, readiness, drift }) => [
        namespace && namespace !== 'default' ? `${name} -n ${namespace}` : name,
        readiness.status,
        drift === 'keep' ? readiness.message : `${readiness.message} (differs from the source: up would ${drift} it)`,
      ]),
    ),
  );
  if (status.addresses.length > 0) {
    lines.push('Addresses', ...table(status.addresses.map(({ name, dnsName }) => [name, dnsName])));
  }
  return `${lines.join('\n')}\n`;
}

/** Rows with their columns below each other, indented. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}`,
  );
}
