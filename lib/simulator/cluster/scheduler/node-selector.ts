/**
 * Node selectors: terms over the labels and the name of a node, of which one must hold.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#NodeAffinity
 */

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface NodeSelectorTerm {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

export type NodeMatcher = (labels: Readonly<Record<string, string>>, name: string) => boolean;

/** One of the terms must hold. */
export function compileNodeSelectorTerms(terms: readonly NodeSelectorTerm[]): NodeMatcher {
  const matchers = terms.map(compileNodeSelectorTerm);
  return (labels, name) => matchers.some((matches) => matches(labels, name));
}

/** All requirements of the term must hold; a term without any matches nothing. */
export function compileNodeSelectorTerm(term: NodeSelectorTerm): NodeMatcher {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  return (labels, name) => {
    for (const requirement of matchExpressions) if (!meets(labels[requirement.key], requirement)) return false;
    for (const requirement of matchFields) if (!meets(name, requirement)) return false;
    return true;
  };
}

/**
 * The only nodes that can match, when every term names its node (as the terms of DaemonSet pods do): nobody else needs to
 * be looked at. Undefined when some term names none.
 */
export function namedNodes(terms: readonly NodeSelectorTerm[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    const [first, ...others] = named.map(({ values = [] }) => values);
    for (const name of first!) if (others.every((values) => values.includes(name))) names.add(name);
  }
  return [...names];
}

function meets(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number.parseInt(value, 10) > Number.parseInt(values[0]!, 10);
    case 'Lt':
      return value !== undefined && Number.parseInt(value, 10) < Number.parseInt(values[0]!, 10);
    default:
      return false;
  }
}
