/**
 * Asking the authorizer from an expression: `authorizer.group('apps').resource('deployments').check('create').allowed()`.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
 *
 * Each step answers a new question with one more part; `check` puts it to the authorizer that the variable was made with.
 */
import type { CelFunction } from './evaluate';
import { type ExtensionValue, noSuchOverload } from './values';

export interface AccessQuestion {
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

export type AskAuthorizer = (
  question: AccessQuestion,
  verb: string,
) => { readonly allowed: boolean; readonly reason: string };

export class AuthorizerValue implements ExtensionValue {
  readonly typeName = 'kubernetes.authorization.Authorizer';

  constructor(
    readonly ask: AskAuthorizer,
    readonly question: AccessQuestion = {},
  ) {}

  with(part: AccessQuestion): AuthorizerValue {
    return new AuthorizerValue(this.ask, { ...this.question, ...part });
  }
}

class Decision implements ExtensionValue {
  readonly typeName = 'kubernetes.authorization.Decision';

  constructor(
    readonly allowed: boolean,
    readonly reason: string,
  ) {}
}

function authorizer(value: unknown, name: string): AuthorizerValue {
  if (!(value instanceof AuthorizerValue)) throw noSuchOverload(name);
  return value;
}

function decision(value: unknown, name: string): Decision {
  if (!(value instanceof Decision)) throw noSuchOverload(name);
  return value;
}

const part =
  (key: keyof AccessQuestion): CelFunction =>
  ([value, text], name) =>
    authorizer(value, name).with({ [key]: text });

export const authorizerFunctions: Readonly<Record<string, CelFunction>> = {
  path: part('path'),
  group: part('group'),
  resource: part('resource'),
  subresource: part('subresource'),
  namespace: part('namespace'),
  name: part('name'),
  serviceAccount: ([value, namespace, account], name) =>
    authorizer(value, name).with({ serviceAccount: { namespace: String(namespace), name: String(account) } }),
  check: ([value, verb], name) => {
    const { ask, question } = authorizer(value, name);
    const { allowed, reason } = ask(question, String(verb));
    return new Decision(allowed, reason);
  },
  allowed: ([value], name) => decision(value, name).allowed,
  reason: ([value], name) => decision(value, name).reason,
  errored: ([value], name) => decision(value, name) === undefined,
  error: ([value], name) => {
    decision(value, name);
    return '';
  },
};
