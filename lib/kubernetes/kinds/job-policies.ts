/**
 * When a Job gives up early, or is content early, because of how its Pods ended.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy
 */
import type { ErrorList, Path } from '../field-errors';
import { notNegative, oneOf } from '../validation/checks';
import { byteLength, check, qualifiedName } from '../validation/names';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEX_BYTES = 64 * 1024;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const STATUSES = ['False', 'True', 'Unknown'];

/** `valid values: ["In" "NotIn"]`, the way the server prints a list in a sentence. */
const validValues = (words: readonly string[]): string =>
  `valid values: [${words.map((word) => `"${word}"`).join(' ')}]`;

function requireWord(word: string | undefined, words: readonly string[], path: Path, errors: ErrorList): void {
  if (!word) errors.required(path, validValues(words));
  else oneOf(word, words, path, errors);
}

export function validatePodFailurePolicy(spec: any, path: Path, errors: ErrorList): void {
  const rules: any[] = spec.podFailurePolicy.rules ?? [];
  const at = path.child('rules');
  if (rules.length > MAX_RULES) errors.tooMany(at, rules.length, MAX_RULES);
  const template = spec.template?.spec ?? {};
  const names = new Set([...(template.containers ?? []), ...(template.initContainers ?? [])].map(({ name }) => name));
  rules.forEach((rule, i) => {
    validateRule(rule, at.index(i), errors, { names, perIndex: spec.backoffLimitPerIndex !== undefined });
  });
}

interface RuleContext {
  /** Of the containers in the template. */
  readonly names: ReadonlySet<string>;
  /** Whether failures are counted per index. */
  readonly perIndex: boolean;
}

function validateRule(
  { action, onExitCodes, onPodConditions }: any,
  path: Path,
  errors: ErrorList,
  context: RuleContext,
): void {
  requireWord(action, ACTIONS, path.child('action'), errors);
  if (action === 'FailIndex' && !context.perIndex) {
    errors.invalid(path.child('action'), action, 'requires the backoffLimitPerIndex to be set');
  }
  if (onExitCodes) validateExitCodes(onExitCodes, path.child('onExitCodes'), errors, context.names);
  if (onPodConditions?.length) validateConditions(onPodConditions, path.child('onPodConditions'), errors);
  const one = 'OnExitCodes and OnPodConditions is';
  if (onExitCodes && onPodConditions?.length) errors.invalidWithoutValue(path, `specifying both ${one} not supported`);
  if (!onExitCodes && !onPodConditions?.length) errors.invalidWithoutValue(path, `specifying one of ${one} required`);
}

function validateExitCodes(rule: any, path: Path, errors: ErrorList, names: ReadonlySet<string>): void {
  const { operator, containerName, values = [] } = rule;
  requireWord(operator, ['In', 'NotIn'], path.child('operator'), errors);
  if (containerName !== undefined && !names.has(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    errors.invalid(path.child('containerName'), containerName, text);
  }
  const at = path.child('values');
  if (values.length === 0) errors.invalid(at, rule.values, 'at least one value is required');
  else if (values.length > MAX_EXIT_CODES) errors.tooMany(at, values.length, MAX_EXIT_CODES);
  const seen = new Set<number>();
  values.forEach((value: number, i: number) => {
    if (operator === 'In' && value === 0) errors.invalid(at.index(i), value, 'must not be 0 for the In operator');
    if (seen.has(value)) errors.duplicate(at.index(i), value);
    seen.add(value);
  });
  if (values.some((value: number, i: number) => i > 0 && value < values[i - 1]))
    errors.invalid(at, values, 'must be ordered');
}

function validateConditions(patterns: any[], path: Path, errors: ErrorList): void {
  if (patterns.length > MAX_RULES) errors.tooMany(path, patterns.length, MAX_RULES);
  patterns.forEach(({ type = '', status }, i) => {
    const at = path.index(i);
    check(type, qualifiedName, at.child('type'), errors);
    requireWord(status, STATUSES, at.child('status'), errors);
  });
}

export function validateSuccessPolicy(spec: any, path: Path, errors: ErrorList): void {
  const rules: any[] = spec.successPolicy.rules ?? [];
  const at = path.child('rules');
  if (rules.length === 0)
    errors.required(at, 'at least one rules must be specified when the successPolicy is specified');
  if (rules.length > MAX_RULES) errors.tooMany(at, rules.length, MAX_RULES);
  rules.forEach((rule, i) => {
    validateSuccessRule(rule, spec.completions, at.index(i), errors);
  });
}

function validateSuccessRule(
  { succeededIndexes, succeededCount }: any,
  completions: number,
  path: Path,
  errors: ErrorList,
): void {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    errors.required(path, 'at least one of succeededCount or succeededIndexes must be specified');
  }
  let total: number | undefined;
  if (succeededIndexes !== undefined) {
    const at = path.child('succeededIndexes');
    if (byteLength(succeededIndexes) > MAX_INDEX_BYTES) errors.tooLong(at, MAX_INDEX_BYTES);
    const counted = countIndexes(succeededIndexes, completions ?? 0);
    if (typeof counted === 'string') errors.invalid(at, succeededIndexes, `error parsing succeededIndexes: ${counted}`);
    else total = counted;
  }
  if (succeededCount === undefined) return;
  const at = path.child('succeededCount');
  notNegative(succeededCount, at, errors);
  if (succeededCount > completions) {
    const rule = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.invalid(at, succeededCount, rule);
  }
  if (total !== undefined && succeededCount > total) {
    const rule = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errors.invalid(at, succeededCount, rule);
  }
}

/** How many indexes `1,3-5` names (4), or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let last = -1;
  let total = 0;
  for (const part of text.split(',')) {
    const ends = part.split('-');
    if (ends.length > 2)
      return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const end of ends) {
      if (!/^[0-9]+$/.test(end)) return `cannot convert string to integer for index: "${end}"`;
      if (Number(end) >= completions) return `too large index: "${end}"`;
    }
    const [first, second] = ends.map(Number) as [number, number?];
    if (first <= last) return `non-increasing order, previous: ${last}, current: ${first}`;
    if (second !== undefined && second <= first) return `non-increasing order, previous: ${first}, current: ${second}`;
    last = second ?? first;
    total += last - first + 1;
  }
  return total;
}
