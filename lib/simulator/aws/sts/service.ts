/**
 * Security Token Service: who am I, and the temporary credentials of a role.
 * https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
 *
 * Left out: trust policies and session policies are not evaluated; sessions never expire.
 */
import type { Credentials } from '../account';
import { AwsError, validationError } from '../aws-error';
import { queryProtocol } from '../http/query-protocol';
import { iamOf } from '../iam/state';
import type { Call, Service, WireObject } from '../service';

const DEFAULT_SESSION_SECONDS = 3600;

export const sts: Service = {
  name: 'Sts',
  signingName: 'sts',
  version: '2011-06-15',
  protocol: queryProtocol,
  operations: {
    GetCallerIdentity: (_input, call) => ({
      UserId: userIdOf(call.principal),
      Account: call.account.accountId,
      Arn: call.principal,
    }),
    AssumeRole: (input, call) => assumeRole(input, call),
    AssumeRoleWithWebIdentity: (input, call) => assumeRole(input, call),
    GetSessionToken: (input, call) => ({
      Credentials: wireCredentials(issue(call, call.principal), expiry(input, call)),
    }),
  },
};

function assumeRole(input: WireObject, call: Call): WireObject {
  const arn = String(input.RoleArn ?? '');
  const session = String(input.RoleSessionName ?? '');
  const match = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (!match) throw validationError(`${arn} is invalid`);
  if (!session) throw validationError('RoleSessionName is required');
  const [, accountId, roleName] = match;
  const role = accountId === call.account.accountId ? iamOf(call).roles.get(roleName!) : undefined;
  if (!role) {
    throw new AwsError(
      'AccessDenied',
      `User: ${call.principal} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      403,
    );
  }
  const assumedArn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${session}`;
  return {
    Credentials: wireCredentials(issue(call, assumedArn), expiry(input, call)),
    AssumedRoleUser: { AssumedRoleId: `${role.RoleId}:${session}`, Arn: assumedArn },
  };
}

function issue(call: Call, arn: string): Required<Credentials> {
  const random = call.account.stateOf('sts/random', () => call.account.random('sts'));
  const credentials = {
    accessKeyId: `ASIA${random.text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    secretAccessKey: random.text(40, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
    sessionToken: random.text(120, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
  };
  call.account.addIdentity(credentials, arn);
  return credentials;
}

function wireCredentials(credentials: Required<Credentials>, expiration: string): WireObject {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: expiration,
  };
}

/**
 * The virtual clock may be far from the client's: a session that looks expired would be thrown away at once. So the
 * time a client sees is always far ahead of both.
 */
function expiry(input: WireObject, call: Call): string {
  const seconds = Number(input.DurationSeconds ?? DEFAULT_SESSION_SECONDS);
  const farAhead = Date.UTC(2099, 0, 1);
  return new Date(Math.max(call.account.now + seconds * 1000, farAhead)).toISOString();
}

function userIdOf(principal: string): string {
  const name = principal.split('/').pop() ?? '';
  return `AIDA${name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .padEnd(17, 'X')
    .slice(0, 17)}`;
}
