/**
 * Label selectors: which objects are meant, by their labels.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */

export type Labels = Readonly<Record<string, string>>;

/** A selector made ready to be asked often. Missing labels are an empty set. */
export type LabelMatcher = (labels: Labels | undefined) => boolean;

/** `metav1.LabelSelector`: all of it must hold. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const NONE: Labels = {};

/** An empty selector matches everything; no selector (undefined, null) matches nothing. */
export function compileLabelSelector(selector: LabelSelector | undefined | null): LabelMatcher {
  if (!selector) return () => false;
  const tests: LabelMatcher[] = [];
  const pairs = Object.entries(selector.matchLabels ?? NONE);
  if (pairs.length > 0) tests.push((labels = NONE) => pairs.every(([key, value]) => labels[key] === value));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    tests.push(compileRequirement(key, operator, new Set(values)));
  }
  if (tests.length === 1) return tests[0]!;
  return (labels) => tests.every((test) => test(labels));
}

function compileRequirement(key: string, operator: string, values: ReadonlySet<string>): LabelMatcher {
  switch (operator) {
    case 'In':
      return (labels = NONE) => values.has(labels[key]!);
    case 'NotIn':
      return (labels = NONE) => !values.has(labels[key]!);
    case 'Exists':
      return (labels = NONE) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels = NONE) => labels[key] === undefined;
    default:
      throw new Error(`"${operator}" is not a valid label selector operator`);
  }
}

/** A selector of the old form (Service, ReplicationController): a plain map, all of which must be there. */
export function matchesLabels(selector: Labels, labels: Labels | undefined): boolean {
  for (const key in selector) if (labels?.[key] !== selector[key]) return false;
  return true;
}
