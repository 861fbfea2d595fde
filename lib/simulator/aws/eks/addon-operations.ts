/** EKS's operations on add-ons. */
import type { Operations, WireObject } from '../service';
import { ADDONS, defaultVersion } from './addon-catalog';
import { createAddon, deleteAddon, findAddon, updateAddon } from './addons';
import { KUBERNETES_VERSIONS } from './clusters';
import { type Addon, eksOf } from './state';

function wireAddon({ resolveConflicts: _, ...addon }: Addon): WireObject {
  return { ...addon, owner: 'aws', publisher: 'eks' };
}

export const addonOperations: Operations = {
  CreateAddon: (input, call) => ({ addon: wireAddon(createAddon(call, input)) }),
  DescribeAddon: ({ clusterName, addonName }, call) => ({ addon: wireAddon(findAddon(call, clusterName, addonName)) }),
  ListAddons: ({ clusterName }, call) => ({ addons: [...eksOf(call).find(clusterName).addons.keys()].sort() }),
  DeleteAddon: ({ clusterName, addonName, preserve }, call) => ({
    addon: wireAddon(deleteAddon(call, clusterName, addonName, String(preserve) === 'true')),
  }),
  UpdateAddon: (input, call) => ({ update: updateAddon(call, input) }),
  DescribeAddonVersions: ({ addonName, kubernetesVersion }) => ({
    addons: Object.entries(ADDONS)
      .filter(([name]) => !addonName || name === addonName)
      .map(([name, { type }]) => ({
        addonName: name,
        type,
        owner: 'aws',
        publisher: 'eks',
        addonVersions: versionsOf(name, kubernetesVersion),
      })),
  }),
  DescribeAddonConfiguration: ({ addonName, addonVersion }) => ({
    addonName,
    addonVersion,
    configurationSchema: JSON.stringify({
      $schema: 'http://json-schema.org/draft-06/schema#',
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries((ADDONS[addonName]?.settings ?? []).map((name) => [name, {}])),
    }),
  }),
};

/** Each version with the Kubernetes versions for which it is the default. */
function versionsOf(addonName: string, kubernetesVersion: string | undefined): WireObject[] {
  const byVersion = new Map<string, WireObject[]>();
  for (const clusterVersion of KUBERNETES_VERSIONS) {
    if (kubernetesVersion && clusterVersion !== kubernetesVersion) continue;
    const version = defaultVersion(addonName, clusterVersion);
    const compatibility = { clusterVersion, platformVersions: ['*'], defaultVersion: true };
    byVersion.set(version, [...(byVersion.get(version) ?? []), compatibility]);
  }
  return [...byVersion].map(([addonVersion, compatibilities]) => ({
    addonVersion,
    architecture: ['amd64', 'arm64'],
    computeTypes: ['ec2', 'auto', 'hybrid'],
    compatibilities,
    requiresConfiguration: false,
    requiresIamPermissions: /csi|vpc-cni|cloudwatch/.test(addonName),
  }));
}
