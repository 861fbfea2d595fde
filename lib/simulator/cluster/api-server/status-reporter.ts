/**
 * What the API server itself says about two kinds of objects, whether or not a controller manager runs: does a FlowSchema name
 * a priority level that exists, and can an APIService be reached.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
 * https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
 *
 * Left out: calling aggregated API servers; an APIService with a service is never available.
 */
import { formatTime, type KubernetesObject } from '../../../kubernetes/object';
import type { Actor, Simulation } from '../../simulation';
import type { Client, ResourceName } from '../client';
import type { Store } from '../store';

const FLOW_SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io';
const PRIORITY_LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';
const API_SERVICES = 'apiservices.apiregistration.k8s.io';
const FLOW_MANAGER = 'api-priority-and-fairness-config-consumer-v1';

interface Reported {
  readonly collection: ResourceName;
  readonly condition: (object: KubernetesObject) => Record<string, string>;
  readonly write: (object: KubernetesObject, condition: object) => void;
}

export function startStatusReporter(simulation: Simulation, store: Store, client: Client): void {
  const applyCondition = (object: KubernetesObject, condition: object) => {
    const { apiVersion, kind, metadata } = object;
    const patch = { apiVersion, kind, metadata: { name: metadata.name }, status: { conditions: [condition] } };
    const options = { fieldManager: FLOW_MANAGER, subresource: 'status', force: true };
    client.patch(FLOW_SCHEMAS, undefined, metadata.name!, 'apply', patch, options);
  };
  const updateCondition = (object: KubernetesObject, condition: object) => {
    client.updateStatus(API_SERVICES, { ...object, status: { ...object.status, conditions: [condition] } });
  };
  const reported: readonly Reported[] = [
    { collection: FLOW_SCHEMAS, condition: (schema) => dangling(store, schema), write: applyCondition },
    { collection: API_SERVICES, condition: (service) => available(store, service), write: updateCondition },
  ];
  for (const each of reported) startActor(simulation, store, each);
}

function startActor(simulation: Simulation, store: Store, { collection, condition, write }: Reported): void {
  const actor: Actor = {
    name: `api-server/${collection}`,
    step() {
      for (const object of store.sorted(collection)) {
        const wanted = condition(object);
        const known = object.status?.conditions?.find((each: any) => each.type === wanted.type);
        if (known?.status === wanted.status && known.reason === wanted.reason && known.message === wanted.message)
          continue;
        write(object, { ...wanted, lastTransitionTime: formatTime(simulation.clock.now()) });
      }
      return false;
    },
  };
  store.onChange(collection, () => simulation.wake(actor));
  simulation.wake(actor);
}

function dangling(store: Store, { spec }: KubernetesObject): Record<string, string> {
  const name = spec?.priorityLevelConfiguration?.name ?? '';
  const references = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  return store.get(PRIORITY_LEVELS, undefined, name)
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${references} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${references} but there is no such object` };
}

function available(store: Store, { spec }: KubernetesObject): Record<string, string> {
  if (!spec.service) {
    return { type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
  }
  const { namespace, name } = spec.service;
  if (store.get('services', namespace, name)) {
    const message = `endpoints for service/${name} in ${JSON.stringify(namespace)} are not reachable: aggregated API servers are not simulated`;
    return { type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck', message };
  }
  const message = `service/${name} in ${JSON.stringify(namespace)} is not present`;
  return { type: 'Available', status: 'False', reason: 'ServiceNotFound', message };
}
