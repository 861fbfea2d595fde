/** PodTemplates: a stored template. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/ */

import { semanticEqual } from '../equality';
import { root } from '../field-errors';
import { containersAndImages, formatLabels } from './cells';
import { defineKind } from './define-kind';
import { applyPodTemplateDefaults, dropStopSignals } from './pod/defaults';
import { validatePodTemplate } from './pod/rules';
import { podWarnings } from './pod/warnings';

export const podTemplate = defineKind({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  resource: 'podtemplates',
  dropDisabledFields: ({ template }) => dropStopSignals(template?.spec),
  defaults: (draft) => applyPodTemplateDefaults(draft.template),
  generation: (next, old) => !semanticEqual(next.template, old.template),
  warnings: ({ template }) => podWarnings(template, 'template.'),
  validate: ({ template }, errors) => validatePodTemplate(template ?? {}, root('template'), errors),
  cells: ({ metadata, template }) => [
    metadata.name!,
    ...containersAndImages(template?.spec),
    formatLabels(template?.metadata?.labels),
  ],
});
