/**
 * The levels of the Pod Security Standards, and the labels by which a namespace chooses one.
 * https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
 */
import { ErrorList, root } from '../field-errors';
import * as checks from './checks';

const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof LEVELS)[number];

export interface Policy {
  readonly level: Level;
  /** `latest` or `v1.24` */
  readonly version: string;
}

export const policyText = ({ level, version }: Policy): string => `${level}:${version}`;
const minorOf = (version: string): number =>
  version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.slice(3));
export const isStricter = (a: Policy, b: Policy): boolean => LEVELS.indexOf(a.level) > LEVELS.indexOf(b.level);

/** In the order in which their violations are told. */
const BASELINE: readonly checks.Check[] = [
  checks.appArmor,
  checks.baselineCapabilities,
  checks.hostNamespaces,
  checks.hostPathVolumes,
  checks.hostPorts,
  checks.hostProbes,
  checks.privileged,
  checks.procMount,
  checks.seLinuxOptions,
  checks.baselineSeccomp,
  checks.sysctls,
  checks.windowsHostProcess,
];
const REPLACED = new Set<checks.Check>([checks.baselineCapabilities, checks.hostPathVolumes, checks.baselineSeccomp]);
const RESTRICTED: readonly checks.Check[] = [
  ...BASELINE.filter((each) => !REPLACED.has(each)),
  checks.allowPrivilegeEscalation,
  checks.restrictedCapabilities,
  checks.restrictedVolumes,
  checks.runAsNonRoot,
  checks.runAsUser,
  checks.restrictedSeccomp,
];
const CHECKS: Readonly<Record<Level, readonly checks.Check[]>> = {
  privileged: [],
  baseline: BASELINE,
  restricted: RESTRICTED,
};

export function violationsOf(
  { level, version }: Policy,
  pod: { metadata: any; spec: any },
): readonly checks.Violation[] {
  const minor = minorOf(version);
  return CHECKS[level].map((check) => check(pod, minor)).filter((each) => each !== undefined);
}

export const violationText = (violations: readonly checks.Violation[]): string =>
  violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');

const PREFIX = 'pod-security.kubernetes.io/';
const VERSION = /^v1\.(0|[1-9]\d*)$/;

export interface NamespacePolicies {
  readonly enforce: Policy;
  readonly warn: Policy;
}

/** Labels that cannot be understood count as the strictest, so that a typing error opens nothing. */
export function policiesOf(labels: Readonly<Record<string, string>> = {}): NamespacePolicies {
  const read = (mode: string, fallback: Policy): Policy => {
    const level = labels[PREFIX + mode];
    if (level === undefined) return fallback;
    const version = labels[`${PREFIX}${mode}-version`] ?? 'latest';
    return {
      level: LEVELS.find((each) => each === level) ?? 'restricted',
      version: VERSION.test(version) ? version : 'latest',
    };
  };
  const enforce = read('enforce', { level: 'privileged', version: 'latest' });
  // Whoever only enforces is warned of the pods that templates will fail to make.
  return { enforce, warn: read('warn', enforce) };
}

export function validateLabels(labels: Readonly<Record<string, string>> = {}): ErrorList {
  const errors = new ErrorList();
  for (const mode of ['enforce', 'audit', 'warn']) {
    const at = (label: string) => root('metadata').child('labels').key(label);
    const level = labels[PREFIX + mode];
    if (level !== undefined && !LEVELS.includes(level as Level)) {
      errors.invalid(at(PREFIX + mode), level, `must be one of ${LEVELS.join(', ')}`);
    }
    const version = labels[`${PREFIX}${mode}-version`];
    if (version !== undefined && version !== 'latest' && !VERSION.test(version)) {
      errors.invalid(at(`${PREFIX}${mode}-version`), version, 'must be "latest" or "v1.x"');
    }
  }
  return errors;
}
