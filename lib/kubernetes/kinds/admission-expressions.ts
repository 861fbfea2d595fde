/**
 * The CEL of webhooks and admission policies: what an expression may speak of, and what it must result in.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
 *
 * A result of which the checker knows nothing is refused only where it is plainly a field; what functions return is believed.
 */
import { DYN, type StaticType, typeText } from '../cel/check';
import { type CelProgram, compileCel } from '../cel/program';
import { CelCompileError, parseCel } from '../cel/syntax';
import type { ErrorList, Path } from '../field-errors';
import { requirePresent } from '../validation/checks';
import { check, qualifiedName } from '../validation/names';

export type Variables = ReadonlyMap<string, StaticType>;

const STRING: StaticType = { name: 'string' };
const MAX_CONDITIONS = 64;

const objectOf = (fields: Readonly<Record<string, StaticType>>): StaticType => ({
  name: 'object',
  fields: new Map(Object.entries(fields).map(([name, type]) => [name, () => type])),
});
const strings = (...names: string[]): StaticType => objectOf(Object.fromEntries(names.map((name) => [name, STRING])));

const REQUEST = objectOf({
  kind: strings('group', 'version', 'kind'),
  resource: strings('group', 'version', 'resource'),
  subResource: STRING,
  requestKind: strings('group', 'version', 'kind'),
  requestResource: strings('group', 'version', 'resource'),
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: objectOf({
    username: STRING,
    uid: STRING,
    groups: { name: 'list', items: STRING },
    extra: { name: 'map', values: { name: 'list', items: STRING } },
  }),
  dryRun: { name: 'bool' },
  options: DYN,
});

const ALWAYS: readonly (readonly [string, StaticType])[] = [
  ['object', DYN],
  ['oldObject', DYN],
  ['request', REQUEST],
  ['namespaceObject', DYN],
  ['authorizer', DYN],
];

/** What expressions may speak of; policies with parameters and variables know more. */
export function admissionVariables(
  more: { readonly params?: boolean; readonly variables?: ReadonlyMap<string, StaticType> } = {},
): Variables {
  const known = new Map(ALWAYS);
  if (more.params) known.set('params', DYN);
  const { variables } = more;
  if (variables?.size) {
    known.set('variables', {
      name: 'object',
      fields: new Map([...variables].map(([name, type]) => [name, () => type])),
    });
  }
  return known;
}

/** Compiles an expression and looks at what it results in. Answers the type, if it has one. */
export function validateExpression(
  source: string,
  results: readonly string[],
  variables: Variables,
  path: Path,
  errors: ErrorList,
): StaticType | undefined {
  let program: CelProgram;
  try {
    program = compileCel(source, variables);
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    errors.invalid(path, source, `compilation failed: ${error.message}`);
    return undefined;
  }
  const type = typeText(program.type);
  if (results.length > 0 && !results.includes(type) && !(type === 'dyn' && isOpen(source))) {
    const wanted = results.length === 1 ? results[0] : `one of [${results.join(' ')}]`;
    errors.invalid(path, source, `must evaluate to ${wanted} but got ${type}`);
  }
  return program.type;
}

/** Whether only running the expression shows what it results in. */
function isOpen(source: string): boolean {
  const { kind } = parseCel(source);
  return kind !== 'name' && kind !== 'select' && kind !== 'index';
}

/** `matchConditions` of webhooks and policies. */
export function validateMatchConditions(
  conditions: readonly any[] | undefined,
  variables: Variables = admissionVariables(),
  path: Path,
  errors: ErrorList,
): void {
  if (!conditions) return;
  if (conditions.length > MAX_CONDITIONS) errors.tooMany(path, conditions.length, MAX_CONDITIONS);
  const names = new Set<string>();
  conditions.forEach(({ name = '', expression = '' }, i) => {
    const at = path.index(i);
    if (requirePresent(expression.trim(), at.child('expression'), errors)) {
      validateExpression(expression, ['bool'], variables, at.child('expression'), errors);
    }
    if (requirePresent(name, at.child('name'), errors)) check(name, qualifiedName, at.child('name'), errors);
    if (name !== '' && names.has(name)) errors.duplicate(at.child('name'), name);
    names.add(name);
  });
}
