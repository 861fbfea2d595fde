/**
 * CloudWatch: alarms and dashboards as records.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html
 *
 * Left out: metrics. An alarm has INSUFFICIENT_DATA for ever, or the state that SetAlarmState gives it.
 */
import { AwsError } from '../aws-error';
import { queryProtocol } from '../http/query-protocol';
import { regionalState, type Scope, type Service, type WireObject } from '../service';
import type { Tag } from '../tags';

export interface Alarm {
  readonly AlarmName: string;
  readonly AlarmArn: string;
  /** Everything else that PutMetricAlarm was given. */
  settings: WireObject;
  StateValue: string;
  StateReason: string;
  StateUpdatedTimestamp: string;
  tags: readonly Tag[];
}

export interface Dashboard {
  readonly DashboardName: string;
  readonly DashboardArn: string;
  DashboardBody: string;
  LastModified: string;
}

interface CloudWatchState {
  readonly alarms: Map<string, Alarm>;
  readonly dashboards: Map<string, Dashboard>;
}

export const cloudWatchOf = regionalState<CloudWatchState>('cloudwatch', () => ({
  alarms: new Map(),
  dashboards: new Map(),
}));

export function putAlarm(scope: Scope, { AlarmName: name, Tags, ...settings }: WireObject): Alarm {
  const { alarms } = cloudWatchOf(scope);
  const { account, region } = scope;
  if (!settings.ComparisonOperator || settings.EvaluationPeriods === undefined) {
    throw new AwsError('ValidationError', 'The parameters ComparisonOperator and EvaluationPeriods are required.');
  }
  const existing = alarms.get(name);
  const alarm: Alarm = existing ?? {
    AlarmName: String(name),
    AlarmArn: `arn:aws:cloudwatch:${region}:${account.accountId}:alarm:${name}`,
    settings,
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
    StateUpdatedTimestamp: account.timestamp,
    tags: Tags ?? [],
  };
  alarm.settings = settings;
  alarms.set(alarm.AlarmName, alarm);
  return alarm;
}

export function findAlarm(scope: Scope, name: string): Alarm {
  const alarm = cloudWatchOf(scope).alarms.get(name);
  if (!alarm) throw new AwsError('ResourceNotFound', `The alarm ${name} does not exist`, 404);
  return alarm;
}

export function putDashboard(scope: Scope, name: string, body: string): Dashboard {
  try {
    JSON.parse(body);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  const dashboard: Dashboard = {
    DashboardName: name,
    DashboardArn: `arn:aws:cloudwatch::${scope.account.accountId}:dashboard/${name}`,
    DashboardBody: body,
    LastModified: scope.account.timestamp,
  };
  cloudWatchOf(scope).dashboards.set(name, dashboard);
  return dashboard;
}

export function findDashboard(scope: Scope, name: string): Dashboard {
  const dashboard = cloudWatchOf(scope).dashboards.get(name);
  if (!dashboard) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
  return dashboard;
}

function wireAlarm({ settings, tags: _, ...members }: Alarm): WireObject {
  return { ...settings, ActionsEnabled: String(settings.ActionsEnabled ?? true) === 'true', ...members };
}

export const cloudWatch: Service = {
  name: 'CloudWatch',
  signingName: 'monitoring',
  version: '2010-08-01',
  protocol: queryProtocol,
  operations: {
    PutMetricAlarm: (input, call) => {
      putAlarm(call, input);
      return {};
    },
    DescribeAlarms: ({ AlarmNames, AlarmNamePrefix = '' }, call) => ({
      MetricAlarms: [...cloudWatchOf(call).alarms.values()]
        .filter(({ AlarmName }) => AlarmName.startsWith(AlarmNamePrefix) && (AlarmNames?.includes(AlarmName) ?? true))
        .map(wireAlarm),
    }),
    SetAlarmState: ({ AlarmName, StateValue, StateReason }, call) => {
      const StateUpdatedTimestamp = call.account.timestamp;
      Object.assign(findAlarm(call, AlarmName), { StateValue, StateReason, StateUpdatedTimestamp });
      return {};
    },
    DeleteAlarms: ({ AlarmNames }, call) => {
      for (const name of AlarmNames) cloudWatchOf(call).alarms.delete(findAlarm(call, name).AlarmName);
      return {};
    },
    PutDashboard: ({ DashboardName, DashboardBody }, call) => {
      putDashboard(call, String(DashboardName), String(DashboardBody));
      return { DashboardValidationMessages: [] };
    },
    GetDashboard: ({ DashboardName }, call) => {
      const { LastModified: _, ...dashboard } = findDashboard(call, DashboardName);
      return dashboard;
    },
    ListDashboards: ({ DashboardNamePrefix = '' }, call) => ({
      DashboardEntries: [...cloudWatchOf(call).dashboards.values()]
        .filter(({ DashboardName }) => DashboardName.startsWith(DashboardNamePrefix))
        .map(({ DashboardBody, ...entry }) => ({ ...entry, Size: Buffer.byteLength(DashboardBody) })),
    }),
    DeleteDashboards: ({ DashboardNames }, call) => {
      for (const name of DashboardNames) cloudWatchOf(call).dashboards.delete(findDashboard(call, name).DashboardName);
      return {};
    },
  },
};
