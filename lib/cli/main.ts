/**
 * The `drydock` command: one file per verb; the verbs only read options, call the environment and choose a renderer.
 *
 * Exit codes: 0 done, 1 a mistake to mend or a failure (one message says what to do), 2 differences found (`diff`),
 * 130 interrupted.
 */
import { Command } from 'commander';
import { UserError } from '../kubernetes/user-error';
import { cdkCommand } from './cdk';
import { cloudCommand } from './cloud';
import { clusterCommand } from './cluster-command';
import { diffCommand } from './diff';
import { downCommand } from './down';
import { envCommand } from './env';
import { graphCommand } from './graph';
import { importCommand } from './import';
import { lintCommand } from './lint';
import { statusCommand } from './status';
import { synthCommand } from './synth';
import { upCommand } from './up';

/** Runs the command line and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may stop reading (`drydock synth | head`): that ends us, and is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const program = new Command('drydock')
    .description(
      'Kubernetes on AWS in TypeScript: stacks, manifests, apply, teardown - and a local cloud to run it all offline.',
    )
    .version(packageVersion(), '-V, --version')
    .showHelpAfterError()
    .exitOverride();
  let exitCode = 0;
  const done = (code: number) => {
    exitCode = code;
  };
  for (const command of [
    upCommand,
    statusCommand,
    diffCommand,
    downCommand,
    synthCommand,
    graphCommand,
    lintCommand,
    importCommand,
    cloudCommand,
    envCommand,
    cdkCommand,
    clusterCommand,
  ]) {
    program.addCommand(command(done));
  }
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

/** Prints what went wrong, once, and says which exit code it is worth. */
function report(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode;
  if (error instanceof UserError) {
    process.stderr.write(`error: ${error.message}\n`);
    if (error.hint) process.stderr.write(`  ${error.hint}\n`);
    return 1;
  }
  process.stderr.write(`drydock failed, and that is a bug of drydock:\n${(error as Error)?.stack ?? error}\n`);
  return 1;
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'exitCode' in error && error.name === 'CommanderError';
}

function packageVersion(): string {
  // From dist/lib/cli and from lib/cli alike, the package resolves itself by name.
  return (require('eks-drydock/package.json') as { version: string }).version;
}
