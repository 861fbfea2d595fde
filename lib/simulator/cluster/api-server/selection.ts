/**
 * Label and field selectors of a list, watch or deletecollection, made ready to be asked of every object.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 *
 * Fields are read from the stored (hub) form. Besides metadata.name and metadata.namespace each kind offers its own.
 */
import { type FieldRequirement, parseFieldSelector } from '../../../kubernetes/field-selectors';
import type { KubernetesObject } from '../../../kubernetes/object';
import { parseLabelSelector, queryMatches, SelectorError } from '../../../kubernetes/selectors';
import { badRequest } from '../../../kubernetes/status-error';
import type { RequestOptions } from './request';
import type { ServedResource } from './resources';

export type Selection = (object: KubernetesObject) => boolean;

/** Undefined when everything is selected. @throws StatusError 400 */
export function compileSelection(
  resource: ServedResource,
  options: Pick<RequestOptions, 'labelSelector' | 'fieldSelector'>,
): Selection | undefined {
  const { labelSelector, fieldSelector } = options;
  if (!labelSelector && !fieldSelector) return undefined;
  try {
    const labels = labelSelector ? parseLabelSelector(labelSelector) : undefined;
    const fields = compileFields(resource, fieldSelector ? parseFieldSelector(fieldSelector) : []);
    return (object) => {
      if (labels && !queryMatches(labels, object.metadata.labels)) return false;
      for (const test of fields) if (!test(object)) return false;
      return true;
    };
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function compileFields(resource: ServedResource, requirements: readonly FieldRequirement[]): Selection[] {
  return requirements.map(({ field, operator, value }) => {
    const read = fieldReader(resource, field);
    return operator === '=' ? (object) => read(object) === value : (object) => read(object) !== value;
  });
}

function fieldReader(resource: ServedResource, field: string): (object: KubernetesObject) => string {
  const own = resource.kindDefinition.selectableFields;
  if (Object.hasOwn(own, field)) return own[field]!;
  if (field === 'metadata.name') return (object) => object.metadata.name ?? '';
  if (field === 'metadata.namespace' && (resource.namespaced || Object.keys(own).length === 0)) {
    return (object) => object.metadata.namespace ?? '';
  }
  // Kinds without fields of their own use the generic conversion of the machinery, which has its own words.
  if (Object.keys(own).length === 0 && !resource.custom) {
    throw badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  throw badRequest(`field label not supported: ${field}`);
}
