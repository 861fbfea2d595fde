/** Namespaces: rooms for names. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */

import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { check, nameIsLabel, qualifiedName } from '../validation/names';
import { age } from './cells';
import { defineKind, restore } from './define-kind';

const FINALIZERS = root('spec').child('finalizers');
const STANDARD = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateSpecFinalizers(finalizers: string[] | undefined, at: (i: number) => Path, errors: ErrorList): void {
  finalizers?.forEach((finalizer, i) => {
    check(finalizer, qualifiedName, at(i), errors);
    if (finalizer.includes('/') || STANDARD.includes(finalizer)) return;
    errors.invalid(at(i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
  });
}

function validatePhase({ metadata, status }: KubernetesObject, _old: KubernetesObject, errors: ErrorList): void {
  const terminating = metadata.deletionTimestamp !== undefined;
  const wanted = terminating ? 'Terminating' : 'Active';
  if (status?.phase === wanted) return;
  const when = terminating ? 'is not empty' : 'is empty';
  const rule = `may only be '${wanted}' if \`deletionTimestamp\` ${when}`;
  errors.invalid(root('status').child('Phase'), status?.phase ?? '', rule);
}

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
  status: { initial: () => ({ phase: 'Active' }), validate: validatePhase },
  prepareForCreate: (draft) => {
    draft.spec ??= {};
    const finalizers: string[] = draft.spec.finalizers ?? [];
    // While this one is there, the namespace controller has not emptied the namespace yet.
    if (!finalizers.includes('kubernetes')) draft.spec.finalizers = [...finalizers, 'kubernetes'];
  },
  validate: ({ spec }, errors) => validateSpecFinalizers(spec?.finalizers, () => FINALIZERS, errors),
  validateUpdate: () => {},
  prepareForUpdate: (next, old) => restore(next, old, 'spec'),
  subresources: {
    finalize: {
      prepare: (next, old) => restore(next, old, 'status'),
      validate: (next, _old, errors) => {
        validateSpecFinalizers(next.spec?.finalizers, (i) => FINALIZERS.index(i), errors);
      },
      resetFields: [['status']],
    },
  },
  selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
  cells: (object, context) => [object.metadata.name!, object.status?.phase ?? '', age(object, context)],
});
