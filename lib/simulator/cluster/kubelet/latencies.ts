/**
 * How long the steps of a pod's life take, in virtual milliseconds. What happens between two of them takes no time.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
export interface KubeletLatencies {
  /** Network and pause container of a pod. */
  readonly sandbox: number;
  /** Asking the registry for an image, before its bytes come. */
  readonly imageManifest: number;
  /** Bytes of image per millisecond. */
  readonly imageBytesPerMs: number;
  readonly createContainer: number;
  readonly startContainer: number;
  /** From the end of a container to the kubelet's notice of it. */
  readonly notice: number;
  /** From a failed image pull to the retry; doubles up to the last. */
  readonly firstImageBackoff: number;
  readonly lastImageBackoff: number;
  /** From the second crash of a container in a row to its restart; doubles up to the last. */
  readonly firstCrashBackoff: number;
  readonly lastCrashBackoff: number;
  /** From a failed mount to the retry; doubles up to the last. */
  readonly firstMountBackoff: number;
  readonly lastMountBackoff: number;
  /** Each is multiplied by something between 1 - jitter and 1 + jitter; back-offs are not. */
  readonly jitter: number;
}

export const DEFAULT_LATENCIES: KubeletLatencies = {
  sandbox: 400,
  imageManifest: 400,
  imageBytesPerMs: 50_000,
  createContainer: 50,
  startContainer: 100,
  notice: 500,
  firstImageBackoff: 10_000,
  lastImageBackoff: 300_000,
  firstCrashBackoff: 10_000,
  lastCrashBackoff: 300_000,
  firstMountBackoff: 500,
  lastMountBackoff: 122_000,
  jitter: 0.2,
};
