/**
 * Within a group every name belongs to one definition: who comes first keeps it, and of a later definition that wants it
 * only the free names are accepted.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus
 */
import type { Definition, DefinitionNames } from '../../../../kubernetes/custom-resources/definition';
import type { Condition } from '../../../../kubernetes/object';

export interface NamesVerdict {
  readonly acceptedNames: Partial<DefinitionNames>;
  readonly accepted: Condition;
  readonly established: Condition;
}

/** @param group all definitions of the group, this one may be among them */
export function acceptNames(definition: Definition, group: readonly Definition[]): NamesVerdict {
  const wanted = definition.spec.names;
  const held: Partial<DefinitionNames> = definition.status?.acceptedNames ?? {};
  const acceptedNames: Record<string, unknown> = { ...held };
  const taken = namesInUse(group);
  let conflict: { reason: string; message: string } | undefined;
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string) => {
    const name = wanted[field] ?? '';
    const inUse = field === 'plural' || field === 'singular' ? taken.resources : taken.kinds;
    if (name !== held[field] && inUse.has(name)) conflict = { reason, message: inUseText([name]) };
    else acceptedNames[field] = name;
  };
  claim('plural', 'PluralConflict');
  claim('singular', 'SingularConflict');
  const refused = (wanted.shortNames ?? []).filter(
    (name) => !held.shortNames?.includes(name) && taken.resources.has(name),
  );
  if (refused.length > 0) conflict = { reason: 'ShortNamesConflict', message: inUseText(refused) };
  else if (wanted.shortNames) acceptedNames.shortNames = wanted.shortNames;
  claim('kind', 'KindConflict');
  claim('listKind', 'ListKindConflict');
  if (wanted.categories) acceptedNames.categories = wanted.categories;
  const accepted: Condition = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  return {
    acceptedNames: withOrder(acceptedNames),
    accepted,
    established: establishedAfter(definition, accepted),
  };
}

function establishedAfter(definition: Definition, accepted: Condition): Condition {
  const old = definition.status?.conditions?.find(({ type }: Condition) => type === 'Established');
  if (old?.status === 'True') return old;
  if (accepted.status === 'True') {
    const message = 'the initial names have been accepted';
    return { type: 'Established', status: 'False', reason: 'Installing', message };
  }
  return old ?? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

function namesInUse(group: readonly Definition[]): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of group) {
    const { plural, singular, shortNames = [], kind, listKind } = (status?.acceptedNames ?? {}) as DefinitionNames;
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

const quoted = (name: string) => `${JSON.stringify(name)} is already in use`;
const inUseText = (names: readonly string[]): string =>
  names.length === 1 ? quoted(names[0]!) : `[${names.map(quoted).join(', ')}]`;

/** Kind and plural are always written, empty or not. */
function withOrder(names: Record<string, unknown>): Partial<DefinitionNames> {
  const { plural, singular, shortNames, kind, listKind, categories } = names as Partial<DefinitionNames>;
  return {
    plural: plural ?? '',
    ...(singular ? { singular } : {}),
    ...(shortNames?.length ? { shortNames } : {}),
    kind: kind ?? '',
    ...(listKind ? { listKind } : {}),
    ...(categories?.length ? { categories } : {}),
  };
}
