/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { deleteParameter, findParameter, putParameter } from '../ssm/service';
import { tagsFromMap } from '../tags';

export const ssmParameter: ResourceType = {
  typeName: 'AWS::SSM::Parameter',
  create: (properties, request) => {
    const Tags = request.tags(tagsFromMap(properties.Tags));
    const Name = properties.Name ?? `CFN-${request.generatedName(60)}`;
    return putParameter(request, { ...properties, Name, Tags }).Name;
  },
  update: (name, properties, request) => {
    putParameter(request, { ...properties, Name: name, Tags: tagsFromMap(properties.Tags), Overwrite: true });
  },
  delete: (name, request) => deleteParameter(request, name),
  attributes: {
    Type: (name, request) => findParameter(request, name).Type,
    Value: (name, request) => findParameter(request, name).Value,
  },
  read: (name, request) => {
    const { Type, Value, Description } = findParameter(request, name);
    return { Type, Value, Description };
  },
};
