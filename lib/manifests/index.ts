/**
 * eks-drydock/manifests: Kubernetes applications in TypeScript.
 *
 * Every kind is a class (`new Deployment(chart, 'web', { spec })`), every object is plain data with the names of the wire. The types of the
 * API have the names that Go programs give them: `corev1.PodSpec`, `appsv1.DeploymentSpec`, `metav1.ObjectMeta`.
 */
export type * as admissionregistrationv1 from '../kubernetes/types/admissionregistration-v1.generated';
export type * as apiextensionsv1 from '../kubernetes/types/apiextensions-v1.generated';
export type * as appsv1 from '../kubernetes/types/apps-v1.generated';
export type * as autoscalingv2 from '../kubernetes/types/autoscaling-v2.generated';
export type * as batchv1 from '../kubernetes/types/batch-v1.generated';
export type * as corev1 from '../kubernetes/types/core-v1.generated';
export type { BuiltInApiVersion, KindTypes } from '../kubernetes/types/kinds.generated';
export type * as metav1 from '../kubernetes/types/meta-v1.generated';
export type * as networkingv1 from '../kubernetes/types/networking-v1.generated';
export type * as policyv1 from '../kubernetes/types/policy-v1.generated';
export type * as rbacv1 from '../kubernetes/types/rbac-v1.generated';
export type { IntOrPercent, IntOrString, Quantity } from '../kubernetes/types/shapes';
export type * as storagev1 from '../kubernetes/types/storage-v1.generated';
export { ApiObject, type Edit, type ObjectOf, type PropsOf } from './api-object';
export { App, type AppProps } from './app';
export { Chart, type ChartProps } from './chart';
export { describeFinding, validate } from './check';
export { customKind } from './custom-kind';
export { type ForeignObject, includeObject, includeYaml, includeYamlFile } from './include';
export { writeJson } from './json-writer';
export * from './kinds.generated';
export { stackOutput } from './late-values';
export { type LoadOptions, loadManifests } from './load';
export type { Origin, SourceLocation } from './origin';
export { layOut, type OutputFile, type OutputOptions } from './output';
export type { JsonPatchOperation, PatchOf } from './patches';
export type { ImageDigests } from './pinned-images';
export { type HelmChartOptions, includeHelmChart, includeKustomization } from './render';
export { originOf, synthesize } from './synthesis';
export type { Finding, Severity } from './validation/finding';
export type { ValidateOptions } from './validation/validate';
export * from './workloads';
export { readObjects, type YamlObject } from './yaml-reader';
export { writeYaml } from './yaml-writer';
