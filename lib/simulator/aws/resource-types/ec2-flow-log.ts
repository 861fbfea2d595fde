/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { ec2Of } from '../ec2/state';
import { createFlowLog } from '../ec2/vpc-endpoints';
import { tagsAtBirth, updateTags } from './ec2-tags';

export const flowLog: ResourceType = {
  typeName: 'AWS::EC2::FlowLog',
  create: (properties, request) => createFlowLog(request, properties, tagsAtBirth(properties, request)).flowLogId,
  update: updateTags,
  delete: (id, request) => {
    ec2Of(request).flowLogs.find(id);
    ec2Of(request).flowLogs.delete(id);
  },
  attributes: { Id: (id) => id },
};
