/**
 * Annotations of a Pod that mean something to Kubernetes, and the fields that replaced some of them.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/
 */
import type { ErrorList, Path } from '../../field-errors';
import { quote } from '../../field-errors';
import type { ObjectMeta } from '../../object';
import { validateDescendingPath } from '../../validation/paths';
import { containersOf } from './windows';

type Annotations = Readonly<Record<string, string>>;

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

export const isMirrorPod = ({ annotations }: ObjectMeta): boolean => annotations?.[MIRROR] !== undefined;

export function validatePodAnnotations(
  annotations: Annotations | undefined,
  spec: any,
  path: Path,
  errors: ErrorList,
): void {
  if (!annotations) return;
  const mirror = annotations[MIRROR];
  if (mirror !== undefined && !spec.nodeName) {
    errors.invalid(path.key(MIRROR), mirror, 'must set spec.nodeName if mirror pod annotation is set');
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInt32(cost)) errors.invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer');
  const podProfile = annotations[SECCOMP_POD];
  if (podProfile !== undefined) validateSeccomp(podProfile, path.child(SECCOMP_POD), errors);
  for (const key in annotations) {
    if (key.startsWith(SECCOMP_CONTAINER)) validateSeccomp(annotations[key]!, path.child(key), errors);
  }
  for (const key in annotations) {
    if (key.startsWith(APP_ARMOR)) validateAppArmor(key, annotations[key]!, spec, path, errors);
  }
}

/** In the form that the controller reads: `-5`, no plus sign, no leading zeros. */
const isInt32 = (text: string): boolean =>
  /^(0|-?[1-9][0-9]*)$/.test(text) && Math.abs(Number(text) + 0.5) <= 2 ** 31 - 0.5;

function validateSeccomp(profile: string, path: Path, errors: ErrorList): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) validateDescendingPath(profile.slice('localhost/'.length), path, errors);
  else errors.invalid(path, profile, 'must be a valid seccomp profile');
}

function validateAppArmor(key: string, profile: string, spec: any, path: Path, errors: ErrorList): void {
  const name = key.slice(APP_ARMOR.length);
  if (![...containersOf(spec, path)].some(([container]) => container.name === name)) {
    errors.invalid(path.key(key), name, 'container not found');
  }
  if (profile === '' || profile === 'runtime/default' || profile === 'unconfined') return;
  if (!profile.startsWith('localhost/')) {
    errors.invalid(path.key(key), profile, `invalid AppArmor profile name: ${quote(profile)}`);
  }
}

/** Some annotations are there from the beginning or never. */
export function validateAnnotationUpdate(
  next: ObjectMeta,
  old: ObjectMeta,
  spec: any,
  path: Path,
  errors: ErrorList,
): void {
  const after = next.annotations ?? {};
  const before = old.annotations ?? {};
  for (const key in before) {
    if (after[key] === before[key]) continue;
    if (key.startsWith(APP_ARMOR)) errors.forbidden(path.key(key), 'may not remove or update AppArmor annotations');
    if (key === MIRROR) errors.forbidden(path.key(key), 'may not remove or update mirror pod annotation');
  }
  for (const key in after) {
    if (before[key] !== undefined) continue;
    if (key.startsWith(APP_ARMOR)) errors.forbidden(path.key(key), 'may not add AppArmor annotations');
    if (key === MIRROR) errors.forbidden(path.key(key), 'may not add mirror pod annotation');
  }
  validatePodAnnotations(after, spec, path, errors);
}

/** Where both the old annotation and the field are set they must say the same. */
export function validateProfileAgreement(
  annotations: Annotations | undefined,
  spec: any,
  path: Path,
  errors: ErrorList,
): void {
  if (!annotations) return;
  const agree = (annotation: string | undefined, profile: any, at: Path, what: 'seccomp' | 'apparmor') => {
    if (annotation === undefined || !profile) return;
    const problem = disagreement(annotation, profile);
    if (problem)
      errors.forbidden(
        at.child(problem),
        `${what} ${problem === 'type' ? 'type' : 'profile'} in annotation and field must match`,
      );
  };
  const ofPod = spec.securityContext ?? {};
  const podPath = path.child('securityContext');
  agree(annotations[SECCOMP_POD], ofPod.seccompProfile, podPath.child('seccompProfile'), 'seccomp');
  for (const [container, at] of containersOf(spec, path)) {
    const annotation = annotations[`${SECCOMP_CONTAINER}${container.name}`];
    const profile = container.securityContext?.seccompProfile;
    agree(annotation, profile, at.child('securityContext').child('seccompProfile'), 'seccomp');
  }
  if (spec.os?.name === 'windows') return;
  for (const [container, at] of containersOf(spec, path)) {
    const annotation = annotations[`${APP_ARMOR}${container.name}`];
    const profile = container.securityContext?.appArmorProfile ?? ofPod.appArmorProfile;
    agree(annotation, profile, at.child('securityContext').child('appArmorProfile'), 'apparmor');
  }
}

function disagreement(annotation: string, { type, localhostProfile }: any): 'type' | 'localhostProfile' | undefined {
  if (type === 'Unconfined') return annotation === 'unconfined' ? undefined : 'type';
  if (type === 'RuntimeDefault') {
    return annotation === 'runtime/default' || annotation === 'docker/default' ? undefined : 'type';
  }
  if (type !== 'Localhost') return undefined;
  if (!annotation.startsWith('localhost/')) return 'type';
  return annotation.slice('localhost/'.length) === localhostProfile ? undefined : 'localhostProfile';
}
