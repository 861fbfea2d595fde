/** Makes the view that an image's behaviour gets of its container: environment, command, files, log. */

import { ContainerFiles, type Mount, normalizePath } from '../images/container-files';
import type { ImageBehaviour } from '../images/image-behaviour';
import { ContainerLog } from './container-log';
import type { ContainerRecord } from './container-record';
import { type EnvironmentInput, expandReferences, needsLookups, resolveEnvironment } from './environment';
import type { PodWorker } from './pod-worker';
import { RunningContainer } from './running-container';

/** @throws ContainerConfigError when the environment names something that is not there. */
export function createView(
  pod: PodWorker,
  container: ContainerRecord,
  behaviour: ImageBehaviour,
  startedAt: number,
): { view: RunningContainer; log: ContainerLog } {
  const { spec } = container;
  const { kubelet, object } = pod;
  const { services } = kubelet;
  const { context, network } = services;
  const podIp = pod.podIp ?? '';
  const hostName: string = hostNameOf(object);
  const input: EnvironmentInput = {
    store: context.store,
    pod: object,
    container: spec,
    imageEnv: behaviour.env ?? {},
    podIp,
    hostIp: kubelet.address,
    hostName,
    startedAt,
    node: context.store.get('nodes', undefined, kubelet.name),
  };
  const known = needsLookups(spec) ? resolveEnvironment(input) : undefined;
  const log = new ContainerLog(startedAt, () => {
    const { logs } = behaviour;
    return typeof logs === 'function' ? logs(view) : (logs ?? []);
  });
  const view = new RunningContainer({
    name: container.name,
    image: spec.image,
    namespace: pod.namespace,
    podName: pod.name,
    podUid: pod.uid,
    hostName,
    podIp,
    nodeName: kubelet.name,
    command: (env) => commandOf(spec, behaviour).map((word) => expandReferences(word, (name) => env[name])),
    env: () => known ?? resolveEnvironment(input),
    files: () => new ContainerFiles(behaviour.files ?? {}, mountsOf(pod, spec)),
    workingDir: spec.workingDir ?? behaviour.workingDir ?? '/',
    declaredPorts: (spec.ports ?? []).map(({ containerPort }: any) => containerPort),
    startedAt,
    restartCount: container.restartCount,
    now: () => pod.now(),
    writeLog: () => log,
    fetch: (url, request) =>
      network.request({ ...request, to: localTo(url, podIp), from: podIp, namespace: pod.namespace }).response,
    resolve: (name) => network.dns.resolve(name, pod.namespace),
  });
  return { view, log };
}

/** `command` replaces the image's entrypoint and its arguments, `args` replaces the arguments alone. */
function commandOf(spec: any, { entrypoint = [], command = [] }: ImageBehaviour): readonly string[] {
  if (spec.command) return [...spec.command, ...(spec.args ?? [])];
  return [...entrypoint, ...(spec.args ?? command)];
}

export function hostNameOf({ metadata, spec }: PodWorker['object']): string {
  return spec.hostname ?? (metadata.name!.length > 63 ? metadata.name!.slice(0, 63) : metadata.name!);
}

/** Containers of a pod share its network: localhost is the pod. */
function localTo(url: string, podIp: string): string {
  return url.replace(/^(https?:\/\/)?(localhost|127\.0\.0\.1)(?=[:/?]|$)/, (_, scheme = '') => `${scheme}${podIp}`);
}

function mountsOf(pod: PodWorker, spec: any): Mount[] {
  return (spec.volumeMounts ?? []).flatMap((mount: any) => {
    const volume = pod.object.spec.volumes?.find(({ name }: any) => name === mount.name);
    if (!volume) return [];
    const isComputed = volume.configMap || volume.secret || volume.projected || volume.downwardAPI;
    const subPath = mount.subPath ?? mount.subPathExpr;
    return [
      {
        path: normalizePath(mount.mountPath),
        tree: pod.treeOf(volume),
        readOnly: mount.readOnly === true || Boolean(isComputed),
        ...(subPath ? { subPath } : {}),
      },
    ];
  });
}
