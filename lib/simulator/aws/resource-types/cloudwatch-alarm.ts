/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { cloudWatchOf, findAlarm, putAlarm } from '../cloudwatch/service';

/** The physical id is the alarm's name. */
export const alarm: ResourceType = {
  typeName: 'AWS::CloudWatch::Alarm',
  create: (properties, request) => {
    const AlarmName = String(properties.AlarmName ?? request.generatedName(255));
    putAlarm(request, { ...properties, AlarmName, Tags: request.tags(properties.Tags) });
    return AlarmName;
  },
  update: (name, properties, request) => {
    putAlarm(request, { ...properties, AlarmName: name }).tags = request.tags(properties.Tags);
  },
  delete: (name, request) => {
    cloudWatchOf(request).alarms.delete(findAlarm(request, name).AlarmName);
  },
  attributes: { Arn: (name, request) => findAlarm(request, name).AlarmArn },
  read: (name, request) => findAlarm(request, name).settings,
};
