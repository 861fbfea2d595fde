/**
 * The registry of controllers: what kube-controller-manager runs. One line each, in the order in which they start.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
import type { ResourceName } from '../client';
import type { ClusterContext } from '../context';
import { Informer } from '../informer';
import type { StoreEvent } from '../store';
import { attachDetachController } from './attach-detach';
import { certificateApprover } from './certificate-approver';
import { certificateCleaner } from './certificate-cleaner';
import { certificateSigners } from './certificate-signers';
import { clusterRoleAggregationController } from './clusterrole-aggregation';
import { type ControllerDefinition, runController } from './controller';
import { cronJobController } from './cronjob';
import { csiAttacher } from './csi-attacher';
import { daemonSetController } from './daemonset';
import { deploymentController } from './deployment/deployment';
import { disruptionController } from './disruption';
import { endpointSliceController } from './endpoint-slice';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring';
import { endpointsController } from './endpoints';
import { ephemeralVolumeController } from './ephemeral-volume';
import { garbageCollector } from './garbage-collector';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler';
import { jobController } from './job';
import { namespaceController } from './namespace';
import { nodeLifecycleController } from './node-lifecycle';
import { persistentVolumeBinder } from './persistent-volume-binder';
import { podGarbageCollector } from './pod-garbage-collector';
import { replicaSetController } from './replicaset';
import { replicationControllerController } from './replicationcontroller';
import { resourceQuotaController } from './resource-quota';
import { rootCaPublisher } from './root-ca-publisher';
import { serviceAccountTokenController } from './service-account-tokens';
import { serviceAccountController } from './serviceaccount';
import { statefulSetController } from './statefulset';
import { taintEvictionController } from './taint-eviction';
import { ttlAfterFinishedController } from './ttl-after-finished';
import { policyStatusController } from './validating-admission-policy-status';
import { volumeExpander } from './volume-expander';
import { pvcProtectionController, pvProtectionController } from './volume-protection';
import { volumeProvisioningController } from './volume-provisioning';

export const controllers: readonly ControllerDefinition[] = [
  namespaceController,
  serviceAccountController,
  serviceAccountTokenController,
  rootCaPublisher,
  garbageCollector,
  deploymentController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  persistentVolumeBinder,
  volumeProvisioningController,
  attachDetachController,
  csiAttacher,
  volumeExpander,
  ephemeralVolumeController,
  pvcProtectionController,
  pvProtectionController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  disruptionController,
  horizontalPodAutoscalerController,
  resourceQuotaController,
  clusterRoleAggregationController,
  certificateApprover,
  ...certificateSigners,
  certificateCleaner,
  policyStatusController,
];

export interface StartControllersOptions {
  /** Which ones, e.g. for a test of one of them. @default all of {@link controllers} */
  readonly controllers?: readonly ControllerDefinition[];
}

/** Starts the controllers of a cluster; they share one informer per collection. */
export function startControllers(context: ClusterContext, options: StartControllersOptions = {}): void {
  const handlers = new Map<ResourceName, ((event: StoreEvent) => void)[]>();
  let started = false;
  const follow = (collection: ResourceName, handle: (event: StoreEvent) => void) => {
    const known = handlers.get(collection);
    if (known && !started) {
      known.push(handle);
      return;
    }
    // Who comes late needs an informer of its own: the shared one has told already what was there.
    const mine = [handle];
    if (!started) handlers.set(collection, mine);
    new Informer(`controllers/${collection}`, context, collection, (event) => {
      for (const each of mine) each(event);
    });
  };
  for (const definition of options.controllers ?? controllers) runController(definition, context, follow);
  started = true;
}
