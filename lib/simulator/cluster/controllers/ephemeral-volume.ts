/**
 * Generic ephemeral volumes: a claim that is made with a pod, and goes with it.
 * https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes
 */
import { controllerOf, isTerminating } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import { type ControllerDefinition, nameOf, splitName } from './controller';
import { controllerReference } from './ownership';

const CLAIMS = 'persistentvolumeclaims';

export const ephemeralVolumeController: ControllerDefinition = {
  name: 'ephemeral-volume-controller',
  serviceAccount: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  create: ({ store, client, events }) => ({
    watches: [
      {
        collection: 'pods',
        names: ({ type, object }) =>
          type === 'ADDED' && object.spec.volumes?.some((volume: any) => volume.ephemeral) ? [nameOf(object)] : [],
      },
    ],
    reconcile(key) {
      const { namespace, name } = splitName(key);
      const pod = store.get('pods', namespace, name);
      if (!pod || isTerminating(pod)) return undefined;
      for (const volume of pod.spec.volumes ?? []) {
        const template = volume.ephemeral?.volumeClaimTemplate;
        if (!template) continue;
        const claim = `${name}-${volume.name}`;
        const found = store.get(CLAIMS, namespace, claim);
        if (found && controllerOf(found)?.uid === pod.metadata.uid) continue;
        const { labels, annotations } = template.metadata ?? {};
        const metadata = {
          name: claim,
          namespace,
          ...(labels ? { labels } : {}),
          ...(annotations ? { annotations } : {}),
          ownerReferences: [controllerReference(pod)],
        };
        try {
          client.create(CLAIMS, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec });
        } catch (error) {
          if (error instanceof StatusError) {
            const message = `ephemeral volume ${volume.name}: create PVC ${claim}: ${error.message}`;
            events.event(pod, 'Warning', 'FailedBinding', message);
          }
          throw error;
        }
      }
      return undefined;
    },
  }),
};
