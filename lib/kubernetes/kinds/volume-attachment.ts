/** VolumeAttachments: a volume is to be attached to a node. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/ */

import { semanticEqual } from '../equality';
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { byteLength, check, dnsSubdomain } from '../validation/names';
import { IMMUTABLE } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateCsiDriverName } from './pod/volume-sources';
import { validateVolumeSpec } from './volume-spec';

const SPEC = root('spec');
const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const MAX_MESSAGE = 262_144;

function validate({ spec = {}, status }: KubernetesObject, errors: ErrorList): void {
  validateCsiDriverName(spec.attacher, SPEC.child('attacher'), errors);
  validateSource(spec.source ?? {}, SPEC.child('source'), errors);
  check(spec.nodeName ?? '', dnsSubdomain, SPEC.child('nodeName'), errors);
  for (const field of ['attachError', 'detachError']) {
    if (byteLength(status?.[field]?.message ?? '') > MAX_MESSAGE) {
      errors.tooLong(root('status').child(field).child('message'), MAX_MESSAGE);
    }
  }
}

function validateSource({ inlineVolumeSpec, persistentVolumeName: name }: any, path: Path, errors: ErrorList): void {
  if (!inlineVolumeSpec && name === undefined) errors.required(path, ONE_SOURCE);
  else if (inlineVolumeSpec && name !== undefined) errors.forbidden(path, ONE_SOURCE);
  else if (inlineVolumeSpec)
    validateVolumeSpec(inlineVolumeSpec, path.child('inlineVolumeSpec'), errors, { inline: true });
  else if (name === '') {
    errors.required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName');
  } else check(name, dnsSubdomain, path.child('persistentVolumeName'), errors);
}

export const volumeAttachment = defineKind({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  metadataCheckedOnce: true,
  namespaced: false,
  status: {
    initial: () => ({ attached: false }),
    resets: 'spec and metadata',
    validate: (next, _old, errors) => validate(next, errors),
  },
  validate,
  validateUpdate: (next, old, errors) => {
    validate(next, errors);
    if (!semanticEqual(next.spec, old.spec)) errors.invalid(SPEC, next.spec, IMMUTABLE);
  },
  allowUnconditionalUpdate: false,
  cells: (object, context) => [
    object.metadata.name!,
    object.spec?.attacher ?? '',
    object.spec?.source?.persistentVolumeName ?? '',
    object.spec?.nodeName ?? '',
    object.status?.attached ?? false,
    age(object, context),
  ],
});
