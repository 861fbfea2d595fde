/**
 * Where the data of a volume comes from: the rules of each kind of source, for Pods and PersistentVolumes alike.
 * https://kubernetes.io/docs/concepts/storage/volumes/#volume-types
 */
import type { ErrorList, Path } from '../../field-errors';
import { inRange, oneOf, requirePresent } from '../../validation/checks';
import { byteLength, check, dnsLabel, dnsSubdomain } from '../../validation/names';
import { validateNoBacksteps } from '../../validation/paths';

type Rule = (source: any, path: Path, errors: ErrorList) => void;

/** These fields must be there. */
const requires =
  (...fields: string[]): Rule =>
  (source, path, errors) => {
    for (const field of fields) requirePresent(source[field], path.child(field), errors);
  };

const all =
  (...rules: Rule[]): Rule =>
  (source, path, errors) => {
    for (const rule of rules) rule(source, path, errors);
  };

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const hostPath: Rule = (source, path, errors) => {
  if (!requirePresent(source.path, path.child('path'), errors)) return;
  validateNoBacksteps(source.path, path.child('path'), errors);
  if (source.type !== undefined) oneOf(source.type, HOST_PATH_TYPES, path.child('type'), errors);
};

const partition: Rule = (source, path, errors) => {
  const value = source.partition ?? 0;
  if (value < 0 || value > 255) errors.invalid(path.child('partition'), value, 'must be between 1 and 255, inclusive');
};

const nfs: Rule = (source, path, errors) => {
  requires('server', 'path')(source, path, errors);
  if (!(source.path ?? '').startsWith('/')) {
    errors.invalid(path.child('path'), source.path ?? '', 'must be an absolute path');
  }
};

const iqn = /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/;
const eui = /^eui.[A-Za-z0-9]{16}$/;
const naa = /^naa.[A-Za-z0-9]{32}$/;

function initiatorProblem(name: string, unknownForm: string): string | undefined {
  const form = ['iqn', 'eui', 'naa'].find((prefix) => name.startsWith(prefix));
  if (form === undefined) return unknownForm;
  const grammar = { iqn, eui, naa }[form]!;
  return grammar.test(name) ? undefined : 'must be valid format';
}

/** `unknownForm` differs between Pods and PersistentVolumes. */
const iscsi =
  (unknownForm: string): Rule =>
  (source, path, errors) => {
    requires('targetPortal')(source, path, errors);
    if (requirePresent(source.iqn, path.child('iqn'), errors)) {
      const problem = initiatorProblem(source.iqn, unknownForm);
      if (problem) errors.invalid(path.child('iqn'), source.iqn, problem);
    }
    inRange(source.lun ?? 0, 0, 255, path.child('lun'), errors);
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
      errors.required(path.child('secretRef'));
    }
    if (source.initiatorName === undefined) return;
    const problem = initiatorProblem(source.initiatorName, unknownForm);
    if (problem) errors.invalid(path.child('initiatorname'), source.initiatorName, problem);
  };

const flocker: Rule = ({ datasetName, datasetUUID }, path, errors) => {
  if (!datasetName && !datasetUUID) errors.required(path, 'one of datasetName and datasetUUID is required');
  if (datasetName && datasetUUID) {
    errors.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously');
  }
  if (datasetName?.includes('/')) errors.invalid(path.child('datasetName'), datasetName, "must not contain '/'");
};

const fc: Rule = ({ targetWWNs, wwids, lun }, path, errors) => {
  const both = 'must specify either targetWWNs or wwids, but not both';
  if (!targetWWNs?.length && !wwids?.length) errors.required(path.child('targetWWNs'), both);
  if (targetWWNs?.length && wwids?.length) {
    errors.invalid(path.child('targetWWNs'), targetWWNs, 'targetWWNs and wwids can not be specified simultaneously');
  }
  if (!targetWWNs?.length) return;
  if (lun === undefined) errors.required(path.child('lun'), 'lun is required if targetWWNs is specified');
  else inRange(lun, 0, 255, path.child('lun'), errors);
};

const HOST_PORT = 'must be a host:port pair or multiple pairs separated by commas';

const quobyte: Rule = (source, path, errors) => {
  if (!source.registry) errors.required(path.child('registry'), HOST_PORT);
  else if ((source.tenant ?? '').length >= 65) {
    errors.required(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters');
  } else {
    for (const pair of source.registry.split(',')) {
      if (!/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair))
        errors.invalid(path.child('registry'), source.registry, HOST_PORT);
    }
  }
  requires('volume')(source, path, errors);
};

const flexVolume: Rule = (source, path, errors) => {
  requires('driver')(source, path, errors);
  for (const key in source.options) {
    const namespace = `.${key.split('/')[0]!.toLowerCase()}`;
    if (namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io')) {
      const rule = 'kubernetes.io and k8s.io namespaces are reserved';
      errors.invalid(path.child('options').key(key), key, rule);
    }
  }
};

const azureDisk: Rule = (source, path, errors) => {
  requires('diskName', 'diskURI')(source, path, errors);
  const { cachingMode, kind, diskURI = '' } = source;
  if (cachingMode !== undefined) {
    oneOf(cachingMode, ['None', 'ReadOnly', 'ReadWrite'], path.child('cachingMode'), errors);
  }
  if (kind === undefined) return;
  oneOf(kind, ['Dedicated', 'Managed', 'Shared'], path.child('kind'), errors);
  const managed = kind === 'Managed';
  if (diskURI.startsWith(managed ? '/subscriptions/' : 'https://')) return;
  const form = managed
    ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
  errors.notSupported(path.child('diskURI'), diskURI, [form]);
};

const storageos: Rule = (source, path, errors) => {
  if (requirePresent(source.volumeName, path.child('volumeName'), errors)) {
    check(source.volumeName, dnsLabel, path.child('volumeName'), errors);
  }
  if (source.volumeNamespace) check(source.volumeNamespace, dnsLabel, path.child('volumeNamespace'), errors);
};

const secretName: Rule = ({ secretRef }, path, errors) => {
  if (secretRef) requirePresent(secretRef.name, path.child('secretRef').child('name'), errors);
};
const secretNamespace: Rule = ({ secretRef }, path, errors) => {
  if (secretRef) requirePresent(secretRef.namespace, path.child('secretRef').child('namespace'), errors);
};

/** A driver's name: a DNS subdomain in any case, of at most 63 bytes. */
export function validateCsiDriverName(name: string | undefined, path: Path, errors: ErrorList): void {
  if (!requirePresent(name, path, errors)) return;
  if (byteLength(name!) > 63) errors.tooLong(path, 63);
  for (const message of dnsSubdomain(name!.toLowerCase())) errors.invalid(path, name, message);
}

const secretReference = (secret: any, path: Path, errors: ErrorList): void => {
  if (requirePresent(secret.name, path.child('name'), errors)) {
    check(secret.name, dnsSubdomain, path.child('name'), errors);
  }
  if (requirePresent(secret.namespace, path.child('namespace'), errors)) {
    check(secret.namespace, dnsLabel, path.child('namespace'), errors);
  }
};

const csiInPod: Rule = (source, path, errors) => {
  validateCsiDriverName(source.driver, path.child('driver'), errors);
  const secret = source.nodePublishSecretRef;
  if (!secret) return;
  if (requirePresent(secret.name, path.child('nodePublishSecretRef').child('name'), errors)) {
    check(secret.name, dnsSubdomain, path.child('name'), errors);
  }
};

const csiPersistent: Rule = (source, path, errors) => {
  validateCsiDriverName(source.driver, path.child('driver'), errors);
  requires('volumeHandle')(source, path, errors);
  for (const field of [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
  ]) {
    if (source[field]) secretReference(source[field], path.child(field), errors);
  }
};

const glusterfs = requires('endpoints', 'path');

const glusterfsPersistent: Rule = (source, path, errors) => {
  glusterfs(source, path, errors);
  const { endpointsNamespace } = source;
  if (endpointsNamespace === undefined) return;
  const at = path.child('endpointsNamespace');
  if (endpointsNamespace === '') {
    errors.invalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name');
  } else check(endpointsNamespace, dnsLabel, at, errors);
};

const azureFilePersistent: Rule = (source, path, errors) => {
  requires('secretName', 'shareName')(source, path, errors);
  if (source.secretNamespace === '') errors.required(path.child('secretNamespace'));
};

const local: Rule = (source, path, errors) => {
  if (requirePresent(source.path, path.child('path'), errors)) {
    validateNoBacksteps(source.path, path.child('path'), errors);
  }
};

/** A kind of source: where mistakes are reported, and where a second source of this kind is (they sometimes differ). */
export interface VolumeSource {
  readonly rule: Rule;
  readonly path?: string;
  readonly conflictPath?: string;
}

const source = (rule: Rule, path?: string, conflictPath?: string): VolumeSource => ({
  rule,
  ...(path ? { path } : {}),
  ...(conflictPath ? { conflictPath } : {}),
});

/** What Pods and PersistentVolumes have in common; in the order in which the server looks at them. */
const POD_ISCSI = 'must be valid format starting with iqn, eui, or naa';

export const hostPathSource = source(hostPath);
export const podSources: Readonly<Record<string, VolumeSource>> = {
  gcePersistentDisk: source(all(requires('pdName'), partition), 'persistentDisk'),
  awsElasticBlockStore: source(all(requires('volumeID'), partition)),
  nfs: source(nfs),
  iscsi: source(iscsi(POD_ISCSI)),
  glusterfs: source(glusterfs),
  flocker: source(flocker),
  persistentVolumeClaim: source(requires('claimName')),
  rbd: source(requires('monitors', 'image')),
  cinder: source(all(requires('volumeID'), secretName)),
  cephfs: source(requires('monitors'), 'cephfs', 'cephFS'),
  quobyte: source(quobyte),
  fc: source(fc),
  flexVolume: source(flexVolume),
  azureFile: source(requires('secretName', 'shareName')),
  vsphereVolume: source(requires('volumePath')),
  photonPersistentDisk: source(requires('pdID')),
  portworxVolume: source(requires('volumeID')),
  azureDisk: source(azureDisk),
  storageos: source(all(storageos, secretName)),
  scaleIO: source(requires('gateway', 'system', 'volumeName')),
  csi: source(csiInPod),
};

/** The sources of a PersistentVolume, in the order in which the server looks at them. */
export const persistentSources: Readonly<Record<string, VolumeSource>> = {
  hostPath: hostPathSource,
  gcePersistentDisk: podSources.gcePersistentDisk!,
  awsElasticBlockStore: podSources.awsElasticBlockStore!,
  glusterfs: source(glusterfsPersistent),
  flocker: podSources.flocker!,
  nfs: podSources.nfs!,
  rbd: podSources.rbd!,
  quobyte: podSources.quobyte!,
  cephfs: podSources.cephfs!,
  iscsi: source(all(iscsi('must be valid format'), secretName)),
  cinder: source(all(requires('volumeID'), secretName, secretNamespace)),
  fc: podSources.fc!,
  flexVolume: podSources.flexVolume!,
  azureFile: source(azureFilePersistent),
  vsphereVolume: podSources.vsphereVolume!,
  photonPersistentDisk: podSources.photonPersistentDisk!,
  portworxVolume: podSources.portworxVolume!,
  azureDisk: podSources.azureDisk!,
  scaleIO: podSources.scaleIO!,
  local: source(local),
  storageos: source(all(storageos, secretName, secretNamespace)),
  csi: source(csiPersistent),
};
