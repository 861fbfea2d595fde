/**
 * Pod, Job and CronJob: workloads that nothing selects. With `pod`, their Pods carry the label `app: <name>` all the same, so that
 * Services, policies and `kubectl logs -l` find them.
 */
import type { Construct } from 'constructs';
import type * as batchv1 from '../../kubernetes/types/batch-v1.generated';
import type * as corev1 from '../../kubernetes/types/core-v1.generated';
import type { ObjectMeta } from '../../kubernetes/types/meta-v1.generated';
import { type PodProps, podTemplate } from './pod-props';
import { Workload } from './workload';

interface WireProps<Spec> {
  readonly metadata?: ObjectMeta;
  readonly spec: Spec;
  readonly pod?: never;
}

interface ShortProps {
  readonly metadata?: ObjectMeta;
  readonly pod: PodProps;
  readonly spec?: never;
}

const labelsFor = (name: string, metadata: ObjectMeta | undefined) => ({ app: metadata?.name ?? name });

export type BarePodProps = WireProps<corev1.PodSpec> | ShortProps;

/**
 * One or more containers on one node. Nobody makes a Pod again that is gone: for that, take a Deployment.
 * https://kubernetes.io/docs/concepts/workloads/pods/
 */
export class Pod extends Workload<'v1', 'Pod'> {
  static readonly apiVersion = 'v1';
  static readonly kind = 'Pod';
  protected readonly templatePath = [];

  constructor(scope: Construct, name: string, props: BarePodProps) {
    super(scope, name, { apiVersion: 'v1', kind: 'Pod', ...podWritten(name, props) } as never);
  }
}

function podWritten(name: string, props: BarePodProps): object {
  if (props.pod === undefined) return props;
  const { metadata, spec } = podTemplate(props.pod, labelsFor(name, props.metadata));
  const { labels, annotations, ...rest } = props.metadata ?? {};
  const both =
    (annotations ?? metadata.annotations) ? { annotations: { ...metadata.annotations, ...annotations } } : {};
  return { metadata: { labels: { ...metadata.labels, ...labels }, ...both, ...rest }, spec };
}

/** A Job must say when a container is tried again in its Pod; its Pods are tried again by the Job itself, hence `Never`. */
const JOB_POD: Partial<PodProps> = { restartPolicy: 'Never' };

export type JobProps = WireProps<batchv1.JobSpec> | (ShortProps & Omit<batchv1.JobSpec, 'template'>);

/**
 * Runs Pods until enough of them have succeeded.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/
 * @example new Job(shop, 'migrate', { backoffLimit: 2, pod: { containers: { migrate: { image: 'shop/migrate:7' } } } });
 */
export class Job extends Workload<'batch/v1', 'Job'> {
  static readonly apiVersion = 'batch/v1';
  static readonly kind = 'Job';
  protected readonly templatePath = ['spec', 'template'];

  constructor(scope: Construct, name: string, props: JobProps) {
    super(scope, name, { apiVersion: 'batch/v1', kind: 'Job', ...jobWritten(name, props) } as never);
  }
}

function jobWritten(name: string, props: JobProps): object {
  if (props.pod === undefined) return props;
  const { metadata, pod, ...rest } = props;
  const template = podTemplate({ ...JOB_POD, ...pod }, labelsFor(name, metadata));
  return { ...(metadata ? { metadata } : {}), spec: { ...rest, template } };
}

export type CronJobProps =
  | WireProps<batchv1.CronJobSpec>
  | (ShortProps &
      Omit<batchv1.CronJobSpec, 'jobTemplate'> & {
        /** What is said of each Job, besides its Pod. */
        readonly job?: Omit<batchv1.JobSpec, 'template'>;
      });

/**
 * Runs a Job by the clock.
 * https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 * @example
 * new CronJob(shop, 'report', {
 *   schedule: '0 6 * * MON',
 *   timeZone: 'Europe/Berlin',
 *   pod: { containers: { report: { image: 'shop/report:3' } } },
 * });
 */
export class CronJob extends Workload<'batch/v1', 'CronJob'> {
  static readonly apiVersion = 'batch/v1';
  static readonly kind = 'CronJob';
  protected readonly templatePath = ['spec', 'jobTemplate', 'spec', 'template'];

  constructor(scope: Construct, name: string, props: CronJobProps) {
    super(scope, name, { apiVersion: 'batch/v1', kind: 'CronJob', ...cronJobWritten(name, props) } as never);
  }
}

function cronJobWritten(name: string, props: CronJobProps): object {
  if (props.pod === undefined) return props;
  const { metadata, pod, job, ...rest } = props;
  const template = podTemplate({ ...JOB_POD, ...pod }, labelsFor(name, metadata));
  return { ...(metadata ? { metadata } : {}), spec: { ...rest, jobTemplate: { spec: { ...job, template } } } };
}
