/** https://docs.aws.amazon.com/eks/latest/best-practices/security.html */
import { resourcesWhere, type TemplateRule } from './template-rule';

const CLUSTER = 'AWS::EKS::Cluster';
const EVERYWHERE = new Set(['0.0.0.0/0', '::/0']);

export const clusterEndpointIsOpen: TemplateRule = {
  id: 'cluster-endpoint-is-open',
  description: 'The API server answers to the whole internet',
  fix: 'Name the networks that need it (publicAccessCidrs), or leave only the private endpoint.',
  violations: (template) =>
    resourcesWhere(template, CLUSTER, ({ ResourcesVpcConfig: vpc = {} }) => {
      // EKS opens the public endpoint to everybody unless it is told otherwise.
      const cidrs: unknown[] = vpc.PublicAccessCidrs ?? ['0.0.0.0/0'];
      return vpc.EndpointPublicAccess !== false && cidrs.some((cidr) => EVERYWHERE.has(cidr as string));
    }),
};

export const clusterIsNotLogged: TemplateRule = {
  id: 'cluster-is-not-logged',
  description: 'Nobody can find out later who did what: the audit or the authenticator log of the control plane is off',
  fix: 'Turn on the api, audit and authenticator logs.',
  violations: (template) =>
    resourcesWhere(template, CLUSTER, ({ Logging }) => {
      const enabled: { Type: string }[] = Logging?.ClusterLogging?.EnabledTypes ?? [];
      return !['audit', 'authenticator'].every((type) => enabled.some(({ Type }) => Type === type));
    }),
};

export const secretsAreNotEncrypted: TemplateRule = {
  id: 'secrets-are-not-encrypted',
  description: 'Kubernetes Secrets are stored without a key of your own, and this cannot be taken back later',
  fix: 'Give the cluster a KMS key (encryptSecrets).',
  violations: (template) =>
    resourcesWhere(template, CLUSTER, ({ EncryptionConfig: configs = [] }) =>
      configs.every(({ Resources = [] }: { Resources?: string[] }) => !Resources.includes('secrets')),
    ),
};

export const addonsComeTooEarly: TemplateRule = {
  id: 'addon-comes-before-nodes',
  description:
    'The add-on needs nodes and does not wait for the node group beside it: it stays DEGRADED for up to 20 minutes',
  fix: 'Make it depend on the node group.',
  violations: (template) => {
    const groups = resourcesWhere(template, 'AWS::EKS::Nodegroup', () => true);
    if (groups.length === 0) return [];
    return resourcesWhere(template, 'AWS::EKS::Addon', ({ AddonName }, id) => {
      const after = [template.Resources![id]!.DependsOn ?? []].flat();
      return NEEDS_NODES.has(AddonName) && !groups.some((group) => after.includes(group));
    });
  },
};

const NEEDS_NODES = new Set(['coredns', 'aws-ebs-csi-driver', 'aws-efs-csi-driver', 'metrics-server']);
