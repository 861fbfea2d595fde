/**
 * eks-drydock: Kubernetes on AWS in TypeScript.
 *
 * Everything has a subpath of its own, so that nobody loads what they do not use: `eks-drydock/stacks` (CDK),
 * `eks-drydock/manifests`, `eks-drydock/apply`, `eks-drydock/testing`. Here is what they share.
 */
export { type Clock, durationMs, formatDuration, systemClock, type Timer } from './clock';
export type { Condition, KubernetesObject, ObjectMeta, OwnerReference } from './kubernetes/object';
export { type Status, StatusError } from './kubernetes/status-error';
export { UserError } from './kubernetes/user-error';
