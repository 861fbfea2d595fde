/**
 * The rules of a Pod as a whole and of a pod template: metadata, annotations and spec together.
 * https://kubernetes.io/docs/concepts/workloads/pods/
 */
import { type ErrorList, type Path, root } from '../../field-errors';
import type { KubernetesObject } from '../../object';
import { validateAnnotations, validateLabels } from '../../validation/object-meta';
import { validatePodAnnotations, validateProfileAgreement } from './annotations';
import { validateImageSpaces } from './containers';
import { validatePodSpec } from './spec';

export const SPEC = root('spec');
export const ANNOTATIONS = root('metadata').child('annotations');

/** What holds for a Pod from its creation to its end. */
export function validatePodMetadataAndSpec(pod: KubernetesObject, errors: ErrorList): void {
  const { metadata, spec } = pod;
  validatePodAnnotations(metadata.annotations, spec, ANNOTATIONS, errors);
  validatePodSpec(spec, SPEC, errors, { metadata });
  if (!spec.serviceAccountName) refuseTokens(spec, errors);
  for (const list of ['containers', 'initContainers']) {
    for (let i = 0; i < (spec[list]?.length ?? 0); i++) {
      const { image } = spec[list][i];
      if (image !== undefined && image !== image.trim())
        validateImageSpaces(spec[list][i], SPEC.child(list).index(i), errors);
    }
  }
}

/** A token belongs to somebody. */
function refuseTokens(spec: any, errors: ErrorList): void {
  spec.volumes?.forEach(({ projected }: any, i: number) => {
    projected?.sources?.forEach(({ serviceAccountToken }: any, j: number) => {
      if (!serviceAccountToken) return;
      const at = SPEC.child('volumes').index(i).child('projected').child('sources').index(j);
      errors.forbidden(at.child('serviceAccountToken'), 'must not be specified when serviceAccountName is not set');
    });
  });
}

export function validateNewPod(pod: KubernetesObject, errors: ErrorList): void {
  validatePodMetadataAndSpec(pod, errors);
  const { spec } = pod;
  if (spec.ephemeralContainers?.length) errors.forbidden(SPEC.child('ephemeralContainers'), 'cannot be set on create');
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.forbidden(SPEC.child('nodeName'), 'cannot be set until all schedulingGates have been cleared');
  }
  validateProfileAgreement(pod.metadata.annotations, spec, SPEC, errors);
}

/** The template of a Deployment, Job, ...: `path` is where it stands, e.g. `spec.template`. */
export function validatePodTemplate(template: any, path: Path, errors: ErrorList): void {
  const { metadata = {}, spec = {} } = template;
  validateLabels(metadata.labels, path.child('labels'), errors);
  validateAnnotations(metadata.annotations, path.child('annotations'), errors);
  validatePodAnnotations(metadata.annotations, spec, path.child('annotations'), errors);
  validatePodSpec(spec, path.child('spec'), errors);
  validateProfileAgreement(metadata.annotations, spec, path.child('spec'), errors);
  if (spec.ephemeralContainers?.length) {
    errors.forbidden(
      path.child('spec').child('ephemeralContainers'),
      'ephemeral containers not allowed in pod template',
    );
  }
}
