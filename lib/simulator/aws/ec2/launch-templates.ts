/** Launch templates and their versions. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html */
import { AwsError } from '../aws-error';
import type { Scope, WireObject } from '../service';
import { type Ec2Tag, ec2Of, type Tagged } from './state';

export interface LaunchTemplate extends Tagged {
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly createTime: string;
  readonly createdBy: string;
  defaultVersionNumber: number;
  latestVersionNumber: number;
  /** Version 1 first. */
  readonly versions: WireObject[];
}

export function createLaunchTemplate(scope: Scope, name: string, data: WireObject, tagSet: Ec2Tag[]): LaunchTemplate {
  const ec2 = ec2Of(scope);
  if (ec2.launchTemplates.where((item) => item.launchTemplateName === name).length > 0) {
    const message = `Launch template name already in use.`;
    throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', message);
  }
  const template: LaunchTemplate = {
    launchTemplateId: ec2.id('lt'),
    launchTemplateName: name,
    createTime: scope.account.timestamp,
    createdBy: scope.account.userArn,
    defaultVersionNumber: 1,
    latestVersionNumber: 1,
    versions: [data],
    tagSet,
  };
  ec2.launchTemplates.set(template.launchTemplateId, template);
  return template;
}

export function addLaunchTemplateVersion(scope: Scope, id: string, data: WireObject): number {
  const template = ec2Of(scope).launchTemplates.find(id);
  template.versions.push(data);
  template.latestVersionNumber = template.versions.length;
  return template.latestVersionNumber;
}

/** By id or name, and version: a number, `$Latest`, `$Default`, or nothing for the default. */
export function findLaunchTemplateVersion(
  scope: Scope,
  { id, name, version }: { id?: string; name?: string; version?: string },
): { template: LaunchTemplate; version: number; data: WireObject } {
  const ec2 = ec2Of(scope);
  const template = id
    ? ec2.launchTemplates.find(id)
    : ec2.launchTemplates.where((item) => item.launchTemplateName === name)[0];
  if (!template) {
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      'The specified launch template, with template name ' + `${name}, does not exist.`,
    );
  }
  const number =
    version === '$Latest'
      ? template.latestVersionNumber
      : version === undefined || version === '$Default'
        ? template.defaultVersionNumber
        : Number(version);
  const data = template.versions[number - 1];
  if (!data) {
    throw new AwsError(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find the specified version ${version} for the launch template with ID ${template.launchTemplateId}.`,
    );
  }
  return { template, version: number, data };
}
