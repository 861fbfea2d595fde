/**
 * Creates and deletes pods for an owner and tells of it in the owner's events: `Created pod: web-x7k2p`.
 * https://kubernetes.io/docs/concepts/architecture/controller/
 */
import type { KubernetesObject } from '../../../kubernetes/object';
import { StatusError } from '../../../kubernetes/status-error';
import type { ControllerContext } from './controller';

export interface PodControl {
  /** @throws StatusError after it was told, except when the namespace is going away. */
  create(owner: KubernetesObject, pod: KubernetesObject): KubernetesObject;
  /** @returns why it could not be; a pod that is gone already is no failure. */
  remove(owner: KubernetesObject, pod: KubernetesObject): StatusError | undefined;
}

export function podControl({ client, events }: Pick<ControllerContext, 'client' | 'events'>): PodControl {
  return {
    create(owner, pod) {
      try {
        const created = client.create('pods', pod);
        events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
        return created;
      } catch (error) {
        if (error instanceof StatusError && !isTerminatingNamespace(error)) {
          events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
        }
        throw error;
      }
    },
    remove(owner, { metadata: { namespace, name, uid } }) {
      try {
        client.delete('pods', namespace, name!, { preconditions: { uid } });
        events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
        return undefined;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.code === 404) return undefined;
        events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
        return error;
      }
    },
  };
}

/** Nothing can be created in a namespace that goes away; it needs no event and no retry. */
export function isTerminatingNamespace(error: StatusError): boolean {
  return error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
}
