/**
 * Which release of Kubernetes serves what. The schemas of this library are those of 1.35; for an older cluster, what it does not
 * serve yet is an error. https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
import { UserError } from '../../kubernetes/user-error';

/** The release whose schemas and validators are built in. */
export const NEWEST = '1.35';

/** What is younger than the oldest release that EKS still runs; `*` stands for every kind of the group and version. */
const SERVED_SINCE: Readonly<Record<string, string>> = {
  'networking.k8s.io/v1/IPAddress': '1.33',
  'networking.k8s.io/v1/ServiceCIDR': '1.33',
  'resource.k8s.io/v1/*': '1.34',
  'storage.k8s.io/v1/VolumeAttributesClass': '1.34',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': '1.30',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': '1.30',
};

/** Served, with a warning. */
const DEPRECATED: readonly { apiVersion: string; kind: string; since: string; instead: string }[] = [
  { apiVersion: 'v1', kind: 'Endpoints', since: '1.33', instead: 'discovery.k8s.io/v1 EndpointSlice' },
];

const minorOf = (version: string): number => Number(version.split('.')[1]);

/** @throws UserError for what is no release from 1.29 to the newest */
export function checkTarget(version: string): string {
  if (/^1\.(?:29|3\d)$/.test(version) && minorOf(version) <= minorOf(NEWEST)) return version;
  throw new UserError(
    'UnknownVersion',
    `"${version}" is no release of Kubernetes that can be checked for`,
    `Name one from 1.29 to ${NEWEST}.`,
  );
}

/** Since when, if the target is older. */
export function servedOnlySince(apiVersion: string, kind: string, target: string): string | undefined {
  const since = SERVED_SINCE[`${apiVersion}/${kind}`] ?? SERVED_SINCE[`${apiVersion}/*`];
  return since !== undefined && minorOf(target) < minorOf(since) ? since : undefined;
}

/** Whether an API that was removed in a release is still there in the target. */
export const stillServed = (removedIn: string, target: string): boolean => minorOf(target) < minorOf(removedIn);

/** `v1 Endpoints is deprecated in v1.33+`, and what to write instead. */
export function deprecation(
  apiVersion: string,
  kind: string,
  target: string,
): { message: string; fix: string } | undefined {
  const entry = DEPRECATED.find((each) => each.kind === kind && each.apiVersion === apiVersion);
  if (entry === undefined || minorOf(target) < minorOf(entry.since)) return undefined;
  return { message: `${apiVersion} ${kind} is deprecated in v${entry.since}+`, fix: `use ${entry.instead}` };
}
