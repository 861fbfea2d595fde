/**
 * What applications tell of themselves: the numbers behind the Pods, Object and External metrics of an autoscaler, which an
 * adapter (Prometheus, KEDA, CloudWatch) serves on a real cluster as custom.metrics.k8s.io and external.metrics.k8s.io.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-custom-metrics
 *
 * A test provides the values; an image's behaviour may provide those of its own pods. As long as nobody provides any, the
 * API counts as not installed, and autoscalers fail with the words of a cluster without it.
 */
import { compileLabelSelector, type LabelSelector } from '../../kubernetes/selectors';

/** A value now, or how to learn it whenever an autoscaler asks. */
export type MetricValue = number | (() => number | undefined);

/** Of one pod; undefined when it has none. */
export type PodMetricReader = (namespace: string, pod: string) => number | undefined;

export interface MetricObject {
  readonly kind: string;
  readonly name: string;
  /** @default default */
  readonly namespace?: string;
}

interface ExternalSeries {
  readonly labels: Readonly<Record<string, string>>;
  value: MetricValue;
}

export class ApplicationMetrics {
  private readonly podReaders = new Map<string, PodMetricReader>();
  private readonly objects = new Map<string, MetricValue>();
  private readonly externals = new Map<string, ExternalSeries[]>();

  /** @param ofImage what the behaviour of a pod's images says, asked when no test does */
  constructor(private readonly ofImage: (namespace: string, pod: string, metric: string) => number | undefined) {}

  /** Provides a metric of pods: `requests_per_second` of each. */
  setPods(metric: string, read: PodMetricReader): void {
    this.podReaders.set(metric, read);
  }

  /** Provides a metric of one object, e.g. of an Ingress. */
  setObject(metric: string, object: MetricObject, value: MetricValue): void {
    this.objects.set(objectKey(metric, object), value);
  }

  /** Provides one series of a metric from outside the cluster, e.g. the length of a queue. */
  setExternal(metric: string, value: MetricValue, labels: Readonly<Record<string, string>> = {}): void {
    const series = this.externals.get(metric) ?? [];
    this.externals.set(metric, series);
    const same = series.find((each) => JSON.stringify(each.labels) === JSON.stringify(labels));
    if (same) same.value = value;
    else series.push({ labels, value });
  }

  get hasCustom(): boolean {
    return this.podReaders.size > 0 || this.objects.size > 0;
  }

  get hasExternal(): boolean {
    return this.externals.size > 0;
  }

  podValue(metric: string, namespace: string, pod: string): number | undefined {
    return this.podReaders.get(metric)?.(namespace, pod) ?? this.ofImage(namespace, pod, metric);
  }

  objectValue(metric: string, object: MetricObject): number | undefined {
    return read(this.objects.get(objectKey(metric, object)));
  }

  /** The values of all series that the selector takes; undefined when the metric is not known. */
  externalValues(metric: string, selector: LabelSelector | undefined): readonly number[] | undefined {
    const series = this.externals.get(metric);
    if (!series) return undefined;
    const takes = compileLabelSelector(selector ?? {});
    return series.filter(({ labels }) => takes(labels)).flatMap(({ value }) => read(value) ?? []);
  }
}

const objectKey = (metric: string, { kind, name, namespace = 'default' }: MetricObject) =>
  `${metric}|${kind}|${namespace}/${name}`;

const read = (value: MetricValue | undefined) => (typeof value === 'function' ? value() : value);
