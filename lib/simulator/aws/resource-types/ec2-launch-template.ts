/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html */
import type { ResourceType } from '../cloudformation/resource-type';
import { addLaunchTemplateVersion, createLaunchTemplate } from '../ec2/launch-templates';
import { ec2Of, ec2Tags } from '../ec2/state';

export const launchTemplate: ResourceType = {
  typeName: 'AWS::EC2::LaunchTemplate',
  create: (properties, request) => {
    const name = String(properties.LaunchTemplateName ?? request.generatedName(128));
    const own = properties.TagSpecifications?.flatMap(({ Tags }: { Tags?: [] }) => Tags ?? []);
    return createLaunchTemplate(request, name, properties.LaunchTemplateData, ec2Tags(request.tags(own)))
      .launchTemplateId;
  },
  update: (id, properties, request) => {
    const version = addLaunchTemplateVersion(request, id, properties.LaunchTemplateData);
    ec2Of(request).launchTemplates.find(id).defaultVersionNumber = version;
  },
  delete: (id, request) => {
    ec2Of(request).launchTemplates.find(id);
    ec2Of(request).launchTemplates.delete(id);
  },
  attributes: {
    LaunchTemplateId: (id) => id,
    LatestVersionNumber: (id, request) => String(ec2Of(request).launchTemplates.find(id).latestVersionNumber),
    DefaultVersionNumber: (id, request) => String(ec2Of(request).launchTemplates.find(id).defaultVersionNumber),
  },
};
