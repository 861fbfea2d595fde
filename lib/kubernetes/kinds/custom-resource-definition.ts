/**
 * CustomResourceDefinitions: new kinds. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
import { validateDefinition, validateDefinitionUpdate } from '../custom-resources/validate-definition';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

function defaults({ spec, status }: Draft): void {
  if (status && !status.storedVersions?.length) {
    const storage = (spec.versions ?? []).filter((version: any) => version.storage).map(({ name }: any) => name);
    if (storage.length > 0) status.storedVersions = storage;
  }
  const { names } = spec;
  if (names) {
    if (!names.singular) names.singular = (names.kind ?? '').toLowerCase();
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const { service } = spec.conversion.webhook?.clientConfig ?? {};
  if (service) service.port ??= 443;
}

export const customResourceDefinition = defineKind({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  namespaced: false,
  freeFinalizers: true,
  defaults,
  generation: 'spec',
  status: {
    initial: ({ spec }) => ({
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: (spec.versions ?? []).filter(({ storage }: any) => storage).map(({ name }: any) => name),
    }),
    resets: 'spec and metadata',
  },
  prepareForUpdate: (next, old) => {
    // A version that ever was the storage version stays among the stored ones.
    const storage = (next.spec.versions ?? []).find((version: any) => version.storage)?.name;
    const stored: string[] = old.status?.storedVersions ?? [];
    if (storage !== undefined && !stored.includes(storage)) {
      next.status = { ...next.status, storedVersions: [...stored, storage] };
    }
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  allowUnconditionalUpdate: false,
});
