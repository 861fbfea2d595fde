/**
 * Brings a container's image to the node, one pull after the other (serializeImagePulls).
 * https://kubernetes.io/docs/concepts/containers/images/#updating-images
 */
import type { Image } from '../images/image-registry';
import type { ContainerRecord } from './container-record';
import type { StartFailure } from './container-starter';
import type { Kubelet } from './kubelet';
import type { PodWorker } from './pod-worker';
import { latencyOf } from './services';

export function pullImage(
  kubelet: Kubelet,
  pod: PodWorker,
  container: ContainerRecord,
  done: (failure?: StartFailure) => void,
): void {
  const name: string = container.spec.image;
  const policy: string = container.spec.imagePullPolicy ?? 'IfNotPresent';
  const invalid = invalidName(name);
  if (invalid) {
    const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${invalid}`;
    pod.event('Warning', 'InspectFailed', message, container);
    pod.event('Warning', 'Failed', 'Error: InvalidImageName', container);
    done({ reason: 'InvalidImageName', message, retryAfter: 12_000 });
    return;
  }
  const isPresent = kubelet.hasImage(name);
  if (policy === 'Never' && !isPresent) {
    const message = `Container image "${name}" is not present with pull policy of Never`;
    pod.event('Warning', 'ErrImageNeverPull', message, container);
    pod.event('Warning', 'Failed', 'Error: ErrImageNeverPull', container);
    done({ reason: 'ErrImageNeverPull', message, retryAfter: 12_000 });
    return;
  }
  if (isPresent && policy !== 'Always') {
    const message = `Container image "${name}" already present on machine and can be accessed by the pod`;
    pod.event('Normal', 'Pulled', message, container);
    done();
    return;
  }
  pull(kubelet, pod, container, kubelet.services.images.find(name), done);
}

const REFERENCE =
  /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[a-fA-F0-9]{32,})?$/;

/** What is wrong with the name of an image, in the words of the library that reads it. */
function invalidName(name: string): string | undefined {
  if (REFERENCE.test(name)) return undefined;
  const repository = name.replace(/[:@][^/]*$/, '');
  const path = repository.includes('/') ? repository : `library/${repository}`;
  return /[A-Z]/.test(repository) && REFERENCE.test(name.replace(repository, repository.toLowerCase()))
    ? `invalid reference format: repository name (${path}) must be lowercase`
    : 'invalid reference format';
}

function pull(
  kubelet: Kubelet,
  pod: PodWorker,
  container: ContainerRecord,
  image: Image,
  done: (failure?: StartFailure) => void,
): void {
  const { services } = kubelet;
  const { latencies, images } = services;
  const name: string = container.spec.image;
  reportMissingSecrets(pod);
  pod.event('Normal', 'Pulling', `Pulling image "${name}"`, container);
  const asked = pod.now();
  const bytes = kubelet.hasImage(name) ? 0 : image.sizeBytes;
  const takes = latencyOf(services, latencies.imageManifest + bytes / latencies.imageBytesPerMs);
  const begins = Math.max(asked, kubelet.pullsUntil);
  kubelet.pullsUntil = begins + takes;
  pod.after(begins + takes - asked, () => {
    const failure = images.failureOf(name);
    if (failure !== undefined) {
      done(failPull(pod, container, failure));
      return;
    }
    kubelet.images.add(name);
    const waited = seconds(pod.now() - asked);
    const message = `Successfully pulled image "${name}" in ${seconds(takes)} (${waited} including waiting). Image size: ${image.sizeBytes} bytes.`;
    pod.event('Normal', 'Pulled', message, container);
    done();
  });
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/ */
function reportMissingSecrets(pod: PodWorker): void {
  const { store } = pod.kubelet.services.context;
  const references: readonly { readonly name: string }[] = pod.object.spec.imagePullSecrets ?? [];
  const missing = references.filter(({ name }) => !store.get('secrets', pod.namespace, name)).map(({ name }) => name);
  if (missing.length === 0) return;
  const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
  pod.event('Warning', 'FailedToRetrieveImagePullSecret', message);
}

function failPull(pod: PodWorker, container: ContainerRecord, cause: string): StartFailure {
  const { latencies } = pod.kubelet.services;
  const name: string = container.spec.image;
  const wait = container.pullBackoffMs || latencies.firstImageBackoff;
  container.pullBackoffMs = Math.min(latencies.lastImageBackoff, wait * 2);
  pod.event('Warning', 'Failed', `Failed to pull image "${name}": ${cause}`, container);
  pod.event('Warning', 'Failed', 'Error: ErrImagePull', container);
  const event = `Back-off pulling image "${name}"`;
  return {
    reason: 'ErrImagePull',
    message: cause,
    retryAfter: wait,
    afterwards: { reason: 'ImagePullBackOff', message: `${event}: ErrImagePull: ${cause}`, event },
  };
}

/** As Go prints them, to the millisecond: `1.523s`, `87ms`. */
function seconds(ms: number): string {
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}
