/**
 * The volumes of a Pod: names that containers mount, one source each, and files that do not collide.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 */
import { type ErrorList, ErrorList as Errors, type Path, quote } from '../../field-errors';
import type { ObjectMeta } from '../../object';
import { parseQuantity } from '../../quantity';
import { oneOf, requirePresent } from '../../validation/checks';
import { validateLabelSelector } from '../../validation/label-selectors';
import { check, dnsLabel, dnsSubdomain, nameIsSubdomain } from '../../validation/names';
import { validateAnnotations, validateLabels } from '../../validation/object-meta';
import { validateFileMode, validateVolumeFilePath } from '../../validation/paths';
import { validateClaimSpec } from '../claim-spec';
import { validateSignerName } from '../signer-name';
import { VOLUME_FIELDS, validateFieldReference, validateResourceReference } from './references';
import { hostPathSource, podSources } from './volume-sources';

type Rule = (source: any, path: Path, errors: ErrorList) => void;

/** By name, only the volumes without mistakes: mounts of the others are reported as not found, too. */
export type Volumes = ReadonlyMap<string, any>;

export interface VolumeOptions {
  /** Of the Pod; undefined in a template. */
  readonly metadata?: ObjectMeta;
}

export function validateVolumes(
  volumes: any[] | undefined,
  path: Path,
  errors: ErrorList,
  options: VolumeOptions,
): Volumes {
  const found = new Map<string, any>();
  if (!volumes?.length) return found;
  const podName = options.metadata?.name;
  const createdClaims = new Set(
    podName ? volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`) : [],
  );
  volumes.forEach((volume, i) => {
    const at = path.index(i);
    const own = new Errors();
    validateSource(volume, at, own, options);
    if (requirePresent(volume.name, at.child('name'), own)) check(volume.name, dnsLabel, at.child('name'), own);
    if (found.has(volume.name ?? '')) own.duplicate(at.child('name'), volume.name ?? '');
    if (own.length === 0) found.set(volume.name, volume);
    else errors.append(own);
    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName !== undefined && createdClaims.has(claimName)) {
      const rule = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.invalid(at.child('persistentVolumeClaim').child('claimName'), claimName, rule);
    }
  });
  return found;
}

const emptyDir: Rule = ({ sizeLimit }, path, errors) => {
  if (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n) {
    errors.forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity');
  }
};

const gitRepo: Rule = ({ repository, directory }, path, errors) => {
  requirePresent(repository, path.child('repository'), errors);
  const at = path.child('directory');
  if (directory?.startsWith('/')) errors.invalid(at, directory, 'must be a relative path');
  if (directory?.split('/').includes('..')) errors.invalid(at, directory, "must not contain '..'");
};

function validateItems(items: any[] | undefined, path: Path, errors: ErrorList): void {
  items?.forEach(({ key, path: target = '', mode }, i) => {
    const at = path.child('items').index(i);
    requirePresent(key, at.child('key'), errors);
    requirePresent(target, at.child('path'), errors);
    validateVolumeFilePath(target, at.child('path'), errors);
    validateFileMode(mode, at.child('mode'), errors);
  });
}

const secret: Rule = ({ secretName, defaultMode, items }, path, errors) => {
  requirePresent(secretName, path.child('secretName'), errors);
  validateFileMode(defaultMode, path.child('defaultMode'), errors);
  validateItems(items, path, errors);
};

const configMap: Rule = ({ name, defaultMode, items }, path, errors) => {
  requirePresent(name, path.child('name'), errors);
  validateFileMode(defaultMode, path.child('defaultMode'), errors);
  validateItems(items, path, errors);
};

const downwardAPI: Rule = ({ defaultMode, items }, path, errors) => {
  validateFileMode(defaultMode, path.child('defaultMode'), errors);
  for (const file of items ?? []) validateDownwardFile(file, path, errors);
};

function validateDownwardFile(file: any, path: Path, errors: ErrorList): void {
  requirePresent(file.path, path.child('path'), errors);
  validateVolumeFilePath(file.path ?? '', path.child('path'), errors);
  if (file.fieldRef) {
    validateFieldReference(file.fieldRef, VOLUME_FIELDS, path.child('fieldRef'), errors);
    if (file.resourceFieldRef) {
      errors.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
    }
  } else if (file.resourceFieldRef) {
    validateResourceReference(file.resourceFieldRef, path.child('resourceFieldRef'), errors, { volume: true });
  } else errors.required(path, 'one of fieldRef and resourceFieldRef is required');
  validateFileMode(file.mode, path.child('mode'), errors);
}

const projected: Rule = ({ defaultMode, sources }, path, errors) => {
  validateFileMode(defaultMode, path.child('defaultMode'), errors);
  const paths = new Set<string>();
  const claim = (file: string | undefined, owner: string) => {
    if (!file) return;
    if (paths.has(file)) errors.invalid(path, owner, 'conflicting duplicate paths');
    paths.add(file);
  };
  sources?.forEach((source: any, i: number) => {
    const at = path.child('sources').index(i);
    for (const kind of ['secret', 'configMap'] as const) {
      const part = source[kind];
      if (!part) continue;
      requirePresent(part.name, at.child(kind).child('name'), errors);
      validateItems(part.items, at.child(kind), errors);
      for (const item of part.items ?? []) claim(item.path, part.name ?? '');
    }
    for (const file of source.downwardAPI?.items ?? []) {
      validateDownwardFile(file, at.child('downwardAPI'), errors);
      claim(file.path, file.path);
    }
    if (source.serviceAccountToken) validateTokenSource(source.serviceAccountToken, at, path, errors);
    if (source.clusterTrustBundle) {
      validateTrustBundle(source.clusterTrustBundle, at.child('clusterTrustBundle'), errors);
      claim(source.clusterTrustBundle.path, source.clusterTrustBundle.path);
    }
    if (Object.keys(source).length > 1) {
      errors.forbidden(at, 'may not specify more than 1 volume type per source');
    }
  });
};

function validateTokenSource(token: any, source: Path, volume: Path, errors: ErrorList): void {
  const seconds = token.expirationSeconds ?? 0;
  const at = source.child('serviceAccountToken').child('expirationSeconds');
  if (seconds < 600) errors.invalid(at, seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > 2 ** 32) errors.invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds');
  if (requirePresent(token.path, volume.child('path'), errors)) {
    validateVolumeFilePath(token.path, volume.child('path'), errors);
  }
}

function validateTrustBundle(bundle: any, path: Path, errors: ErrorList): void {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.invalid(path, bundle, 'only one of name and signerName may be used');
  } else if (name !== undefined) {
    if (name === '') errors.required(path.child('name'), 'must be a valid object name');
    for (const message of dnsSubdomain(name.replaceAll(':', '.'))) {
      errors.invalid(path.child('name'), name, `not a valid clustertrustbundlename: ${message}`);
    }
    if (labelSelector) {
      errors.invalid(path.child('labelSelector'), labelSelector, 'labelSelector must be unset if name is specified');
    }
  } else if (signerName !== undefined) {
    if (signerName === '') errors.required(path.child('signerName'), 'must be a valid signer name');
    validateSignerName(signerName, path.child('signerName'), errors);
    validateLabelSelector(labelSelector, path.child('labelSelector'), errors);
  } else errors.required(path, 'either name or signerName must be specified');
  requirePresent(bundle.path, path.child('path'), errors);
  validateVolumeFilePath(bundle.path ?? '', path.child('path'), errors);
}

const ephemeral: Rule = ({ volumeClaimTemplate }, path, errors) => {
  const at = path.child('volumeClaimTemplate');
  if (!volumeClaimTemplate) {
    errors.required(at);
    return;
  }
  const { metadata = {}, spec = {} } = volumeClaimTemplate;
  validateAnnotations(metadata.annotations, at.child('metadata').child('annotations'), errors);
  validateLabels(metadata.labels, at.child('metadata').child('labels'), errors);
  for (const field of Object.keys(metadata)) {
    if (field !== 'annotations' && field !== 'labels' && metadata[field] !== null) {
      errors.forbidden(at.child('metadata').child(field), 'cannot be set');
    }
  }
  validateClaimSpec(spec, at.child('spec'), errors);
};

const image: Rule = ({ pullPolicy }, path, errors) => {
  if (requirePresent(pullPolicy, path.child('pullPolicy'), errors)) {
    oneOf(pullPolicy, ['Always', 'IfNotPresent', 'Never'], path.child('pullPolicy'), errors);
  }
};

interface PodSource {
  readonly rule: Rule;
  readonly path?: string;
  readonly conflictPath?: string;
}

const { csi, scaleIO, storageos, ...beforeProjected } = podSources;

/** In the order in which the server looks at them: of two, the later one is reported. */
const sources: Readonly<Record<string, PodSource>> = {
  emptyDir: { rule: emptyDir },
  hostPath: hostPathSource,
  gitRepo: { rule: gitRepo },
  gcePersistentDisk: beforeProjected.gcePersistentDisk!,
  awsElasticBlockStore: beforeProjected.awsElasticBlockStore!,
  secret: { rule: secret },
  nfs: beforeProjected.nfs!,
  iscsi: beforeProjected.iscsi!,
  glusterfs: beforeProjected.glusterfs!,
  flocker: beforeProjected.flocker!,
  persistentVolumeClaim: beforeProjected.persistentVolumeClaim!,
  rbd: beforeProjected.rbd!,
  cinder: beforeProjected.cinder!,
  cephfs: beforeProjected.cephfs!,
  quobyte: beforeProjected.quobyte!,
  downwardAPI: { rule: downwardAPI, conflictPath: 'downwarAPI' },
  fc: beforeProjected.fc!,
  flexVolume: beforeProjected.flexVolume!,
  configMap: { rule: configMap },
  azureFile: beforeProjected.azureFile!,
  vsphereVolume: beforeProjected.vsphereVolume!,
  photonPersistentDisk: beforeProjected.photonPersistentDisk!,
  portworxVolume: beforeProjected.portworxVolume!,
  azureDisk: beforeProjected.azureDisk!,
  storageos: storageos!,
  projected: { rule: projected },
  scaleIO: scaleIO!,
  csi: csi!,
  ephemeral: { rule: ephemeral },
  image: { rule: image },
};

function validateSource(volume: any, path: Path, errors: ErrorList, { metadata }: VolumeOptions): void {
  let found = 0;
  for (const kind in sources) {
    const part = volume[kind];
    if (part === undefined || part === null) continue;
    const { rule, path: step = kind, conflictPath = kind } = sources[kind]!;
    if (found > 0) errors.forbidden(path.child(conflictPath), 'may not specify more than 1 volume type');
    else {
      found++;
      rule(part, path.child(step), errors);
      if (kind === 'ephemeral') validateClaimName(volume.name, path, errors, metadata);
      if (kind === 'image' && metadata && !part.reference) errors.required(path.child('image').child('reference'));
    }
    if (kind === 'iscsi') validatePortalLength(volume, path, errors);
  }
  if (found === 0) errors.required(path, 'must specify a volume type');
}

function validatePortalLength({ name = '', iscsi }: any, path: Path, errors: ErrorList): void {
  if (iscsi.initiatorName === undefined || `${name}:${iscsi.targetPortal ?? ''}`.length <= 64) return;
  const rule =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
  errors.invalid(path.child('name'), name, rule);
}

/** The claim of an ephemeral volume is named after the Pod and the volume. */
function validateClaimName(name: string, path: Path, errors: ErrorList, metadata: ObjectMeta | undefined): void {
  if (!metadata?.name || !name) return;
  const claimName = `${metadata.name}-${name}`;
  for (const message of nameIsSubdomain(claimName, false)) {
    errors.invalid(path.child('name'), name, `PVC name ${quote(claimName)}: ${message}`);
  }
}
