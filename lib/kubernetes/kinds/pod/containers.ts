/**
 * The containers of a Pod: regular ones, init containers (of which some stay as sidecars) and ephemeral ones.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
 */
import type { ErrorList, Path } from '../../field-errors';
import { inRange, oneOf, oneOfInOrder, requirePresent } from '../../validation/checks';
import { check, dnsLabel, portName } from '../../validation/names';
import { validateEnvironment, validateEnvironmentFrom } from './environment';
import { validateLifecycle, validateProbe } from './handlers';
import { validateMounts } from './mounts';
import { validateRequirements } from './resources';
import { validateSecurityContext } from './security';
import type { Volumes } from './volumes';

export interface ContainerContext {
  readonly spec: any;
  readonly volumes: Volumes;
  readonly claimNames: ReadonlySet<string>;
  readonly hostUsers: boolean;
}

export function validateContainers(path: Path, errors: ErrorList, context: ContainerContext): void {
  const { spec } = context;
  if (!requirePresent(spec.containers, path, errors)) return;
  const names = new Set<string>();
  for (let i = 0; i < spec.containers.length; i++) {
    const container = spec.containers[i];
    const at = path.index(i);
    validateCommon(container, at, errors, context);
    validateRestartRules(container, at, errors);
    if (names.has(container.name ?? '')) errors.duplicate(at.child('name'), container.name ?? '');
    names.add(container.name ?? '');
    validateHandlers(container, at, errors, spec.terminationGracePeriodSeconds);
  }
  validateHostPorts(spec.containers, path, errors);
}

function validateHandlers(container: any, path: Path, errors: ErrorList, grace: number | undefined): void {
  if (container.lifecycle) validateLifecycle(container.lifecycle, path.child('lifecycle'), errors, grace);
  if (container.livenessProbe) {
    validateProbe(container.livenessProbe, path.child('livenessProbe'), errors, 'liveness');
  }
  if (container.readinessProbe) {
    validateProbe(container.readinessProbe, path.child('readinessProbe'), errors, 'readiness');
  }
  if (container.startupProbe) validateProbe(container.startupProbe, path.child('startupProbe'), errors, 'startup');
}

export function validateInitContainers(path: Path, errors: ErrorList, context: ContainerContext): void {
  const { spec } = context;
  if (!spec.initContainers?.length) return;
  const names = new Set<string>((spec.containers ?? []).map(({ name }: any) => name ?? ''));
  spec.initContainers.forEach((container: any, i: number) => {
    const at = path.index(i);
    validateCommon(container, at, errors, context);
    validateRestartRules(container, at, errors);
    if (names.has(container.name ?? '')) errors.duplicate(at.child('name'), container.name ?? '');
    else if (container.name) names.add(container.name);
    validateHostPorts([container], path, errors);
    if (container.restartPolicy === 'Always') {
      validateHandlers(container, at, errors, spec.terminationGracePeriodSeconds);
      return;
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      if (!container[field]) continue;
      errors.forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always');
    }
  });
}

const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container';
const FORBIDDEN_FOR_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];

export function validateEphemeralContainers(path: Path, errors: ErrorList, context: ContainerContext): void {
  const { spec } = context;
  if (!spec.ephemeralContainers?.length) return;
  const others = new Set<string>(
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }: any) => name ?? ''),
  );
  const names = new Set(others);
  spec.ephemeralContainers.forEach((container: any, i: number) => {
    const at = path.index(i);
    validateCommon(container, at, errors, context);
    validateImageSpaces(container, at, errors);
    if (names.has(container.name ?? '')) errors.duplicate(at.child('name'), container.name ?? '');
    names.add(container.name ?? '');
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.notFound(at.child('targetContainerName'), target);
    for (const field of FORBIDDEN_FOR_EPHEMERAL) {
      const value = container[field];
      const isSet = field === 'resources' ? Object.keys(value ?? {}).length > 0 : value !== undefined && value !== null;
      if (isSet && !(Array.isArray(value) && value.length === 0)) errors.forbidden(at.child(field), NOT_FOR_EPHEMERAL);
    }
    container.volumeMounts?.forEach((mount: any, j: number) => {
      for (const field of ['subPath', 'subPathExpr']) {
        if (mount[field]) errors.forbidden(at.child('volumeMounts').index(j).child(field), NOT_FOR_EPHEMERAL);
      }
    });
  });
}

/** Only of Pods; templates could have spaces around an image from the beginning. */
export function validateImageSpaces({ image = '' }: any, path: Path, errors: ErrorList): void {
  if (image !== image.trim()) {
    errors.invalid(path.child('image'), image, 'must not have leading or trailing whitespace');
  }
}

function validateCommon(container: any, path: Path, errors: ErrorList, context: ContainerContext): void {
  if (requirePresent(container.name, path.child('name'), errors)) {
    check(container.name, dnsLabel, path.child('name'), errors);
  }
  if (!container.image) errors.required(path.child('image'));
  const messages = container.terminationMessagePolicy;
  if (messages !== 'File' && requirePresent(messages, path.child('terminationMessagePolicy'), errors)) {
    oneOfInOrder(messages, ['File', 'FallbackToLogsOnError'], path.child('terminationMessagePolicy'), errors);
  }
  if (container.ports) validatePorts(container.ports, path.child('ports'), errors);
  if (container.env) validateEnvironment(container.env, path.child('env'), errors);
  if (container.envFrom) validateEnvironmentFrom(container.envFrom, path.child('envFrom'), errors);
  validateMounts(container, context.volumes, path, errors);
  if (requirePresent(container.imagePullPolicy, path.child('imagePullPolicy'), errors)) {
    oneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], path.child('imagePullPolicy'), errors);
  }
  validateRequirements(container.resources, path.child('resources'), errors, context);
  if (container.resizePolicy) validateResizePolicy(container, path.child('resizePolicy'), errors, context.spec);
  if (container.securityContext) {
    validateSecurityContext(container.securityContext, path.child('securityContext'), errors, context.hostUsers);
  }
}

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function validatePorts(ports: any[], path: Path, errors: ErrorList): void {
  const names = new Set<string>();
  ports.forEach(({ name, containerPort = 0, hostPort = 0, protocol }, i) => {
    const at = path.index(i);
    if (name) {
      const messages = portName(name);
      for (const message of messages) errors.invalid(at.child('name'), name, message);
      if (messages.length === 0) {
        if (names.has(name)) errors.duplicate(at.child('name'), name);
        names.add(name);
      }
    }
    if (containerPort === 0) errors.required(at.child('containerPort'));
    else inRange(containerPort, 1, 65535, at.child('containerPort'), errors);
    if (hostPort !== 0) inRange(hostPort, 1, 65535, at.child('hostPort'), errors);
    if (requirePresent(protocol, at.child('protocol'), errors))
      oneOf(protocol, PROTOCOLS, at.child('protocol'), errors);
  });
}

/** Two containers cannot have one port of the host. */
function validateHostPorts(containers: any[], path: Path, errors: ErrorList): void {
  let taken: Set<string> | undefined;
  containers.forEach((container, i) => {
    container.ports?.forEach(({ protocol, hostIP, hostPort }: any, j: number) => {
      if (!hostPort) return;
      taken ??= new Set();
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (taken.has(key)) errors.duplicate(path.index(i).child('ports').index(j).child('hostPort'), key);
      taken.add(key);
    });
  });
}

function validateResizePolicy({ resizePolicy }: any, path: Path, errors: ErrorList, spec: any): void {
  const seen = new Set<string>();
  resizePolicy.forEach(({ resourceName = '', restartPolicy = '' }: any, i: number) => {
    if (seen.has(resourceName)) errors.duplicate(path.index(i), resourceName);
    seen.add(resourceName);
    if (requirePresent(resourceName, path, errors)) oneOf(resourceName, ['cpu', 'memory'], path, errors);
    if (requirePresent(restartPolicy, path, errors)) {
      oneOf(restartPolicy, ['NotRequired', 'RestartContainer'], path, errors);
    }
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
    }
  });
}

/** A container may restart by its own rules. */
function validateRestartRules({ restartPolicy, restartPolicyRules }: any, path: Path, errors: ErrorList): void {
  if (restartPolicy !== undefined) {
    oneOf(restartPolicy, ['Always', 'Never', 'OnFailure'], path.child('restartPolicy'), errors);
  }
  if (!restartPolicyRules?.length) return;
  const rules = path.child('restartPolicyRules');
  if (restartPolicy === undefined) {
    errors.required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used');
  }
  if (restartPolicyRules.length > 20) errors.tooMany(rules, restartPolicyRules.length, 20);
  restartPolicyRules.forEach(({ action, exitCodes }: any, i: number) => {
    const at = rules.index(i);
    oneOfInOrder(action, ['Restart'], at.child('action'), errors);
    if (!exitCodes) {
      errors.required(at.child('exitCodes'), 'must be specified');
      return;
    }
    const { operator, values } = exitCodes;
    oneOfInOrder(operator, ['In', 'NotIn'], at.child('exitCodes').child('operator'), errors);
    if (!values?.length)
      errors.invalid(at.child('exitCodes').child('values'), values ?? null, 'must specify at least one value');
    else if (values.length > 255) errors.tooMany(at.child('exitCodes').child('values'), values.length, 255);
  });
}
