/**
 * The attacher of a CSI driver: fulfils VolumeAttachments. It runs beside the driver, not in kube-controller-manager.
 * https://kubernetes-csi.github.io/docs/external-attacher.html
 *
 * A finalizer keeps the object until the volume is really detached. What fails is written into the status and tried again,
 * after 1 s, 2 s, 4 s ... up to 5 minutes.
 */
import { formatTime, isTerminating, type KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import { ATTACH_MS, EBS_DRIVER, type VolumeLocation } from '../volume-provisioner';
import { ATTACHMENTS } from './attach-detach';
import type { Controller, ControllerContext, ControllerDefinition } from './controller';

/** After the API server refused a write. */
const REFUSED_RETRY_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
/** Retries from then on are not waited for by `settle()`. */
const PATIENT_RETRY_MS = 8_000;

export const csiAttacher: ControllerDefinition = {
  name: 'csi-attacher',
  serviceAccount: 'ebs-csi-controller-sa',
  component: `external-attacher ${EBS_DRIVER}`,
  create: createAttacher,
};

function createAttacher(context: ControllerContext): Controller {
  const { store, client } = context;
  const { clock } = context.simulation;
  /** By name: the driver is at it. */
  const atWork = new Set<string>();
  const retries = new Map<string, number>();

  function reconcile(name: string): undefined {
    const attachment = store.get(ATTACHMENTS, undefined, name);
    const driver = attachment && context.volumeProvisioners.get(attachment.spec.attacher);
    if (!driver || atWork.has(name)) return undefined;
    const location = locationOf(attachment);
    if (isTerminating(attachment)) {
      if (!attachment.metadata.finalizers?.length) return undefined;
      atWork.add(name);
      driver.detach(location, (error) => finish(name, error, release, 'detachError'));
    } else if (!attachment.status?.attached) {
      const held = hold(attachment);
      atWork.add(name);
      const done = (error?: Error) => finish(held.metadata.name!, error, markAttached, 'attachError');
      const failure = context.attachFailure?.(location);
      if (failure) clock.after(ATTACH_MS, () => done(failure));
      else driver.attach(location, done);
    }
    return undefined;
  }

  function locationOf({ spec }: KubernetesObject): VolumeLocation {
    const volume = store.get('persistentvolumes', undefined, spec.source.persistentVolumeName);
    return {
      handle: volume?.spec.csi?.volumeHandle ?? spec.source.persistentVolumeName,
      nodeName: spec.nodeName,
      providerId: store.get('nodes', undefined, spec.nodeName)?.spec.providerID,
    };
  }

  function hold(attachment: KubernetesObject): KubernetesObject {
    const { finalizers = [] } = attachment.metadata;
    const mine = finalizerOf(attachment);
    if (finalizers.includes(mine)) return attachment;
    const metadata = { ...attachment.metadata, finalizers: [...finalizers, mine] };
    return client.update(ATTACHMENTS, { ...attachment, metadata });
  }

  function finish(
    name: string,
    error: Error | undefined,
    done: (attachment: KubernetesObject) => void,
    field: 'attachError' | 'detachError',
  ): void {
    atWork.delete(name);
    try {
      record(name, error, done, field);
    } catch (refusal) {
      if (!(refusal instanceof StatusError)) throw refusal;
      // What the driver has done stays to be said.
      atWork.add(name);
      clock.after(REFUSED_RETRY_MS, () => finish(name, error, done, field));
    }
  }

  function record(
    name: string,
    error: Error | undefined,
    done: (attachment: KubernetesObject) => void,
    field: 'attachError' | 'detachError',
  ): void {
    const attachment = client.tryGet(ATTACHMENTS, undefined, name);
    if (!attachment) return;
    if (!error) {
      retries.delete(name);
      done(attachment);
      // The wish may have changed meanwhile.
      context.enqueue(name);
      return;
    }
    const failure = { time: formatTime(clock.now()), message: error.message };
    const status = { attached: false, ...attachment.status, [field]: failure };
    client.updateStatus(ATTACHMENTS, { ...attachment, status });
    const wait = retries.get(name) ?? FIRST_RETRY_MS;
    retries.set(name, Math.min(LAST_RETRY_MS, wait * 2));
    context.enqueue(name, wait, { background: wait >= PATIENT_RETRY_MS });
  }

  function markAttached(attachment: KubernetesObject): void {
    client.updateStatus(ATTACHMENTS, { ...attachment, status: { attached: true } });
  }

  function release(attachment: KubernetesObject): void {
    const finalizers = attachment.metadata.finalizers?.filter((each) => each !== finalizerOf(attachment));
    client.update(ATTACHMENTS, { ...attachment, metadata: { ...attachment.metadata, finalizers } });
  }

  return {
    watches: [
      {
        collection: ATTACHMENTS,
        // What it writes itself is no reason to try at once.
        names: ({ type, object, previous }) =>
          type === 'ADDED' || (type === 'MODIFIED' && isTerminating(object) && !isTerminating(previous!))
            ? [object.metadata.name!]
            : [],
      },
    ],
    reconcile,
  };
}

const finalizerOf = ({ spec }: KubernetesObject) => `external-attacher/${spec.attacher.replaceAll('.', '-')}`;
