/**
 * Policy documents: who may do what to which resource, under which conditions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * A request is refused unless a statement allows it, and whatever allows it, a statement that denies it wins.
 *
 *     { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' }   allows ec2:DescribeVpcs, not ec2:CreateVpc
 *
 * Left out: session policies, service control policies, date and address conditions (refused by name).
 */
import { notSimulated } from '../aws-error';

export interface PolicyRequest {
  /** `ec2:CreateVolume` */
  readonly action: string;
  /** An ARN, or `*` for actions that have no resource. */
  readonly resource: string;
  /** An ARN, or a service's name like `events.amazonaws.com`. Only policies of resources and trust policies name one. */
  readonly principal?: string;
  /** Condition keys in lower case, e.g. `aws:requesttag/team`. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

type Json = Readonly<Record<string, any>>;

/** What all the policies together say. */
export function decide(documents: readonly unknown[], request: PolicyRequest): Decision {
  let decision: Decision = 'implicitDeny';
  for (const statement of documents.flatMap(statementsOf)) {
    if (!applies(statement, request)) continue;
    if (statement.Effect === 'Deny') return 'explicitDeny';
    decision = 'allowed';
  }
  return decision;
}

function statementsOf(document: unknown): Json[] {
  const value = typeof document === 'string' ? JSON.parse(document) : document;
  return [(value as Json | undefined)?.Statement ?? []].flat() as Json[];
}

function applies(statement: Json, request: PolicyRequest): boolean {
  return (
    isListed(statement, 'Action', (pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())) &&
    (statement.Resource === undefined && statement.NotResource === undefined
      ? true
      : isListed(statement, 'Resource', (pattern) => matches(pattern, request.resource))) &&
    principalApplies(statement, request.principal) &&
    Object.entries<Json>(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat().map(String), key, request)),
    )
  );
}

/** `Action` says which, `NotAction` which not. */
function isListed(statement: Json, element: string, test: (pattern: string) => boolean): boolean {
  const excluded = statement[`Not${element}`];
  if (excluded !== undefined) return ![excluded].flat().some((pattern) => test(String(pattern)));
  return [statement[element] ?? []].flat().some((pattern) => test(String(pattern)));
}

/** A policy of an identity names no principal: it is about whoever has it. */
function principalApplies({ Principal }: Json, principal: string | undefined): boolean {
  if (Principal === undefined) return true;
  if (Principal === '*') return true;
  if (principal === undefined) return false;
  const named: string[] = Object.values<string | string[]>(Principal).flat();
  const account = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
  return named.some(
    (name) =>
      name === '*' ||
      name === principal ||
      // The account itself: everybody in it to whom it gives the permission.
      (account !== undefined && (name === account || name.endsWith(`:${account}:root`))) ||
      name === roleOfSession(principal),
  );
}

/** `arn:aws:sts::1:assumed-role/R/S` -> `arn:aws:iam::1:role/R`; undefined for what is no session. */
export function roleOfSession(principal: string): string | undefined {
  const session = /^arn:(aws[a-z-]*):sts::(\d+):assumed-role\/([^/]+)\//.exec(principal);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : undefined;
}

type Test = (wanted: string, actual: string) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringEqualsIgnoreCase: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
  NumericEquals: (wanted, actual) => Number(actual) === Number(wanted),
  NumericLessThan: (wanted, actual) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (wanted, actual) => Number(actual) <= Number(wanted),
  NumericGreaterThan: (wanted, actual) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (wanted, actual) => Number(actual) >= Number(wanted),
};

/** `StringNotLike` is the negation of `StringLike`. */
const NEGATED = /^(String|Arn|Numeric)Not(Equals|Like|EqualsIgnoreCase)$/;

function holds(operator: string, wanted: readonly string[], key: string, request: PolicyRequest): boolean {
  const [, quantifier, rest] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(operator)!;
  const name = rest!.replace(/IfExists$/, '');
  const actual = request.context?.[key.toLowerCase()];
  const isAbsent = actual === undefined || (Array.isArray(actual) && actual.length === 0);
  if (name === 'Null') return wanted.some((value) => (value === 'true') === isAbsent);
  const negated = NEGATED.exec(name);
  const test = TESTS[negated ? `${negated[1]}${negated[2]}` : name];
  if (!test) throw notSimulated(`The condition operator ${operator} of IAM policies`);
  if (isAbsent) return rest!.endsWith('IfExists') || negated !== null || quantifier === 'ForAllValues';
  const passes = (value: string) => wanted.some((pattern) => test(pattern, value)) !== (negated !== null);
  const values = [actual].flat() as string[];
  return quantifier === 'ForAllValues' ? values.every(passes) : values.some(passes);
}

/** `*` is any text, `?` one character. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's').test(text);
}
