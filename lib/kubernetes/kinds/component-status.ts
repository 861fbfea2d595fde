/** ComponentStatuses: the health of the control plane, deprecated. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/ */
import { defineKind } from './define-kind';

export const componentStatus = defineKind({
  apiVersion: 'v1',
  kind: 'ComponentStatus',
  resource: 'componentstatuses',
  namespaced: false,
  cells: ({ metadata, conditions }) => {
    const healthy = (conditions ?? []).find(({ type }: any) => type === 'Healthy');
    const status = healthy?.status === 'True' ? 'Healthy' : 'Unhealthy';
    return [metadata.name!, status, healthy?.message ?? '', healthy?.error ?? ''];
  },
});
