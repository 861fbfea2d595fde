/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { createLogGroup, deleteLogGroup, findLogGroup } from '../logs/service';
import { tagsToMap } from '../tags';

export const logGroup: ResourceType = {
  typeName: 'AWS::Logs::LogGroup',
  create: (properties, request) =>
    createLogGroup(request, {
      logGroupName: properties.LogGroupName ?? request.generatedName(512),
      retentionInDays: properties.RetentionInDays,
      kmsKeyId: properties.KmsKeyId,
      tags: tagsToMap(request.tags(properties.Tags)),
    }).logGroupName,
  update: (name, properties, request) => {
    const group = findLogGroup(request, name);
    group.retentionInDays = properties.RetentionInDays && Number(properties.RetentionInDays);
    group.kmsKeyId = properties.KmsKeyId;
    group.tags = tagsToMap(request.tags(properties.Tags));
  },
  delete: (name, request) => deleteLogGroup(request, name),
  attributes: { Arn: (name, request) => findLogGroup(request, name).arn },
  read: (name, request) => {
    const { retentionInDays, kmsKeyId } = findLogGroup(request, name);
    return { LogGroupName: name, RetentionInDays: retentionInDays, KmsKeyId: kmsKeyId };
  },
};
