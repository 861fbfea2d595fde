/** Kinds with helpers: what they are made of in few words, and verbs for what belongs to them. */
export { ConfigMap, PersistentVolumeClaim, Secret } from './configuration';
export type { Peer } from './connections';
export type { ContainerProps, Containers, EnvSource, EnvValue } from './container';
export type { PodProps } from './pod-props';
export {
  type ClaimTemplates,
  DaemonSet,
  type DaemonSetProps,
  Deployment,
  type DeploymentProps,
  StatefulSet,
  type StatefulSetProps,
} from './replicated';
export {
  type Backend,
  type GatewayReference,
  HTTPRoute,
  type HTTPRouteProps,
  Ingress,
  type IngressProps,
  type Routes,
} from './routes';
export { type BarePodProps, CronJob, type CronJobProps, Job, type JobProps, Pod } from './run-once';
export type { AutoscaleOptions, DisruptionOptions } from './scaling';
export type { NeighbourOptions, NodeLabels, SpreadOptions, Topology } from './scheduling';
export { type ExposeOptions, Service, type ServicePort } from './service';
export { type Grants, type ResourceName, ServiceAccount } from './service-account';
export { fieldOf, resourceOf } from './sources';
export type { Mountable, MountOptions, Mounts, Storage, VolumeSource, Volumes } from './volumes';
export { Workload } from './workload';
