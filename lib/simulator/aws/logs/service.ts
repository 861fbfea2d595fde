/**
 * CloudWatch Logs: log groups. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
 *
 * Left out: streams, events, queries.
 */
import { AwsError } from '../aws-error';
import { jsonProtocol } from '../http/json-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';

export interface LogGroup {
  readonly logGroupName: string;
  readonly arn: string;
  readonly creationTime: number;
  retentionInDays?: number;
  kmsKeyId?: string;
  tags: Readonly<Record<string, string>>;
}

export const logGroupsOf = regionalState('logs', () => new Map<string, LogGroup>());

export function createLogGroup(scope: Scope, input: WireObject): LogGroup {
  const name = String(input.logGroupName);
  const groups = logGroupsOf(scope);
  if (groups.has(name)) {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  const group: LogGroup = {
    logGroupName: name,
    arn: `arn:aws:logs:${scope.region}:${scope.account.accountId}:log-group:${name}:*`,
    creationTime: scope.account.now,
    retentionInDays: input.retentionInDays && Number(input.retentionInDays),
    kmsKeyId: input.kmsKeyId,
    tags: input.tags ?? {},
  };
  groups.set(name, group);
  return group;
}

export function findLogGroup(scope: Scope, name: string): LogGroup {
  const group = logGroupsOf(scope).get(name);
  if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

export function deleteLogGroup(scope: Scope, name: string): void {
  findLogGroup(scope, name);
  logGroupsOf(scope).delete(name);
}

export const logs: Service = {
  name: 'CloudWatchLogs',
  signingName: 'logs',
  protocol: jsonProtocol,
  operations: {
    CreateLogGroup: (input, call) => {
      createLogGroup(call, input);
      return {};
    },
    DeleteLogGroup: (input, call) => {
      deleteLogGroup(call, String(input.logGroupName));
      return {};
    },
    DescribeLogGroups: (input, call) => ({
      logGroups: [...logGroupsOf(call).values()]
        .filter(({ logGroupName }) => logGroupName.startsWith(input.logGroupNamePrefix ?? ''))
        .sort((a, b) => (a.logGroupName < b.logGroupName ? -1 : 1))
        .map(({ tags: _, ...group }) => ({ ...group, storedBytes: 0, metricFilterCount: 0 })),
    }),
    PutRetentionPolicy: (input, call) => {
      findLogGroup(call, String(input.logGroupName)).retentionInDays = Number(input.retentionInDays);
      return {};
    },
    ListTagsForResource: (input, call) => {
      const name = String(input.resourceArn).split(':log-group:')[1]?.replace(/:\*$/, '') ?? '';
      return { tags: findLogGroup(call, name).tags };
    },
  },
};
