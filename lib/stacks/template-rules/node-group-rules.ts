/** https://docs.aws.amazon.com/eks/latest/best-practices/protecting-the-infrastructure.html */
import { resourcesWhere, type Template, type TemplateRule } from './template-rule';

const NODE_GROUP = 'AWS::EKS::Nodegroup';
const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';

export const updatesBreakBudgets: TemplateRule = {
  id: 'updates-break-disruption-budgets',
  description: 'Updates of the node group replace nodes against PodDisruptionBudgets',
  fix: 'Set ForceUpdateEnabled (forceUpdate) to false.',
  violations: (template) =>
    resourcesWhere(template, NODE_GROUP, ({ ForceUpdateEnabled }) => ForceUpdateEnabled === true),
};

export const nodesAreNotHardened: TemplateRule = {
  id: 'nodes-are-not-hardened',
  description:
    'Pods can pick up the credentials of their node: its metadata service answers without a token, or over more than one hop',
  fix: 'Use a launch template with HttpTokens required and HttpPutResponseHopLimit 1.',
  violations: (template) => [
    ...resourcesWhere(template, NODE_GROUP, ({ LaunchTemplate }) => LaunchTemplate === undefined),
    ...launchTemplatesOfNodes(template, ({ MetadataOptions: options = {} }) => {
      return options.HttpTokens !== 'required' || !(options.HttpPutResponseHopLimit <= 1);
    }),
  ],
};

export const volumesAreNotEncrypted: TemplateRule = {
  id: 'volumes-are-not-encrypted',
  description: 'The disks of the nodes are not encrypted',
  fix: 'Set Encrypted on every block device of the launch template.',
  violations: (template) =>
    launchTemplatesOfNodes(template, ({ BlockDeviceMappings: devices = [] }) =>
      devices.some(({ Ebs }: { Ebs?: { Encrypted?: boolean } }) => Ebs !== undefined && Ebs.Encrypted !== true),
    ),
};

function launchTemplatesOfNodes(template: Template, isWrong: (data: any) => boolean): string[] {
  const used = new Set(
    resourcesWhere(template, NODE_GROUP, () => true).map(
      (id) => template.Resources![id]!.Properties?.LaunchTemplate?.Id?.Ref,
    ),
  );
  return resourcesWhere(template, LAUNCH_TEMPLATE, ({ LaunchTemplateData = {} }, id) => {
    return used.has(id) && isWrong(LaunchTemplateData);
  });
}
