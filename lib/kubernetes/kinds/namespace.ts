/** Namespaces: rooms for names. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
import { nameIsLabel } from '../validation/names';
import { age } from './cells';
import { defineKind, restore } from './define-kind';

export const namespace = defineKind({
  apiVersion: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  namespaced: false,
  nameRule: nameIsLabel,
  defaults: ({ metadata }) => {
    // So that selectors can name a namespace.
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  status: { initial: () => ({ phase: 'Active' }) },
  prepareForCreate: (draft) => {
    draft.spec ??= {};
    const finalizers: string[] = draft.spec.finalizers ?? [];
    // While this one is there, the namespace controller has not emptied the namespace yet.
    if (!finalizers.includes('kubernetes')) draft.spec.finalizers = [...finalizers, 'kubernetes'];
  },
  prepareForUpdate: (next, old) => restore(next, old, 'spec'),
  subresources: {
    finalize: { prepare: (next, old) => restore(next, old, 'status'), resetFields: [['status']] },
  },
  selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
  cells: (object, context) => [object.metadata.name!, object.status?.phase ?? '', age(object, context)],
});
