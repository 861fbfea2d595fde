/**
 * The real `cdk` command, run against the local cloud and against nothing else.
 * https://docs.aws.amazon.com/cdk/v2/guide/cli.html
 *
 * The command takes its endpoint from the environment. A profile, a proxy or a variable of one service that the user has
 * set would lead it elsewhere, so it gets an environment in which these are gone; and before it starts, STS at the
 * endpoint has to name the account of the local cloud, which is one that AWS gives to nobody (000...).
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from '../kubernetes/user-error';
import { adoptVariables, localVariables } from './local';
import type { LocalCloudRecord } from './local-process';

/** Options that would take the command away from the local cloud. */
const FOREIGN_OPTIONS = /^--(profile|proxy|ca-bundle-path)(=|$)/;

/** Runs `cdk` with these arguments in this folder, on our terminal. Returns its exit code. @throws UserError */
export async function runCdk(
  record: LocalCloudRecord,
  args: readonly string[],
  folder: string,
  stateDirectory: string,
): Promise<number> {
  const foreign = args.find((argument) => FOREIGN_OPTIONS.test(argument));
  if (foreign) {
    throw new UserError(
      'ForeignOption',
      `\`drydock cdk\` does not take ${foreign.split('=')[0]}: it works on the local cloud only`,
      'Leave the option away, or run `npx cdk` for real AWS.',
    );
  }
  const executable = findCdk(folder);
  const env = cdkEnvironment(process.env, record, stateDirectory);
  adoptVariables(record);
  await checkEndpoint(record);
  const child = spawn(process.execPath, [executable, ...args], {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to both of us; the command decides what it means.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const forward = () => child.kill('SIGTERM');
  process.on('SIGTERM', forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
    });
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', forward);
  }
}

/** The user's environment without anything that leads to another cloud, and with what leads to ours. */
export function cdkEnvironment(
  environment: NodeJS.ProcessEnv,
  record: LocalCloudRecord,
  stateDirectory: string,
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(AWS_|CDK_|https?_proxy$|all_proxy$)/i.test(name) || name === 'CDK_DEBUG',
  );
  return {
    ...Object.fromEntries(kept),
    ...localVariables(record),
    // The command remembers the account of an access key on disk; it must not mix ours with the user's.
    CDK_HOME: join(stateDirectory, 'cdk-home'),
    CDK_NOTICES: 'false',
    CDK_VERSION_REPORTING: 'false',
    CDK_REQUIRE_APPROVAL: 'never',
    NO_PROXY: '127.0.0.1,localhost',
  };
}

/** @throws UserError unless STS at the endpoint is that of the recorded local cloud */
export async function checkEndpoint(record: LocalCloudRecord): Promise<void> {
  const { hostname } = new URL(record.endpoint);
  const account = /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname) ? await accountAt(record) : undefined;
  if (account !== undefined && account === record.account && account.startsWith('000')) return;
  throw new UserError(
    'NotOurEndpoint',
    `${record.endpoint} is not the local cloud of this folder: STS there names the account ${account ?? '(no answer)'}, not ${record.account}`,
    'Nothing was sent there. Start the local cloud anew with `drydock cloud stop` and `drydock cloud start`.',
  );
}

async function accountAt({ endpoint, region, credentials }: LocalCloudRecord): Promise<string | undefined> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ region, endpoint, credentials, maxAttempts: 1 });
  try {
    return (await client.send(new GetCallerIdentityCommand())).Account;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** The project's own `aws-cdk`. @throws UserError when there is none, or the one that was published by mistake */
function findCdk(folder: string): string {
  const require = createRequire(join(folder, 'package.json'));
  let manifest: string;
  try {
    manifest = require.resolve('aws-cdk/package.json');
  } catch {
    throw new UserError(
      'NoCdk',
      `the package aws-cdk is not installed in ${folder}`,
      'Install it with `npm install --save-dev aws-cdk@2.1148.1`.',
    );
  }
  const { version, bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; bin: { cdk: string } };
  if (version.startsWith('3.0.0')) {
    throw new UserError(
      'WrongCdk',
      `aws-cdk ${version} was published by mistake: it is older than 2.x and refuses every app of today`,
      'Install another with `npm install --save-dev aws-cdk@2.1148.1`.',
    );
  }
  const executable = join(manifest, '..', bin.cdk);
  if (existsSync(executable)) return executable;
  throw new UserError('NoCdk', `${executable} is missing`, 'Install aws-cdk anew.');
}
