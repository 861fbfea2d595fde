/** PodTemplates: a stored template. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/ */
import { semanticEqual } from '../equality';
import { containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import { applyPodTemplateDefaults } from './pod/defaults';

export const podTemplate = defineKind({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  resource: 'podtemplates',
  defaults: (draft) => applyPodTemplateDefaults(draft.template),
  generation: (next, old) => !semanticEqual(next.template, old.template),
  cells: ({ metadata, template }) => [
    metadata.name!,
    ...containersAndImages(template?.spec),
    formatLabels(template?.metadata?.labels),
  ],
});
