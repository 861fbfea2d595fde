/**
 * The grammars of names in Kubernetes: DNS labels and subdomains, qualified names, label values, port names.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 *
 * Each function answers with what is wrong, in the API server's words; nothing wrong is an empty list.
 */
import type { ErrorList, Path } from '../field-errors';

export type Messages = readonly string[];

const NONE: Messages = [];

/** Length in bytes of UTF-8, which is what the API server counts. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code <= 0xdbff) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}

export const tooLongMessage = (max: number): string => `must be no more than ${max} characters`;
export const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

/** `... (e.g. 'a',  or 'b', regex used for validation is '...')`: the double space is the server's. */
export function regexMessage(message: string, regex: string, ...examples: string[]): string {
  const eg = examples.map((example) => `'${example}', `).join(' or ');
  return examples.length === 0
    ? `${message} (regex used for validation is '${regex}')`
    : `${message} (e.g. ${eg}regex used for validation is '${regex}')`;
}

interface Grammar {
  readonly pattern: string;
  readonly maxLength?: number;
  readonly message: string;
  readonly examples: readonly string[];
}

function rule(grammar: Grammar): (value: string) => Messages {
  const regex = new RegExp(`^${grammar.pattern}$`);
  const max = grammar.maxLength ?? Number.POSITIVE_INFINITY;
  const message = regexMessage(grammar.message, grammar.pattern, ...grammar.examples);
  return (value) => {
    const matches = regex.test(value);
    // Whatever matches is ASCII, so its length is its length in bytes.
    if (matches && value.length <= max) return NONE;
    const messages: string[] = [];
    if (byteLength(value) > max) messages.push(tooLongMessage(max));
    if (!matches) messages.push(message);
    return messages;
  };
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const ALPHANUMERIC = 'must consist of lower case alphanumeric characters';

const dnsLabelGrammar = rule({
  pattern: LABEL,
  maxLength: 63,
  message: `a lowercase RFC 1123 label ${ALPHANUMERIC} or '-', and must start and end with an alphanumeric character`,
  examples: ['my-name', '123-abc'],
});

const labelRegex = new RegExp(`^${LABEL}$`);
const subdomainRegex = new RegExp(`^${SUBDOMAIN}$`);

/** RFC 1123 label: `my-name`, `123-abc`. */
export function dnsLabel(value: string): Messages {
  if (labelRegex.test(value) || !subdomainRegex.test(value)) return dnsLabelGrammar(value);
  return [...(byteLength(value) > 63 ? [tooLongMessage(63)] : []), 'must not contain dots'];
}

/** RFC 1123 subdomain: `example.com`. */
export const dnsSubdomain = rule({
  pattern: SUBDOMAIN,
  maxLength: 253,
  message: `a lowercase RFC 1123 subdomain ${ALPHANUMERIC}, '-' or '.', and must start and end with an alphanumeric character`,
  examples: ['example.com'],
});

export const dnsSubdomainWithUnderscore = rule({
  pattern: `${LABEL_UNDERSCORE}(\\.${LABEL_UNDERSCORE})*`,
  maxLength: 253,
  message: `a lowercase RFC 1123 subdomain ${ALPHANUMERIC}, '_', '-' or '.', and must start and end with an alphanumeric character`,
  examples: ['example.com'],
});

/** RFC 1035 label: starts with a letter. */
export const dns1035Label = rule({
  pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
  maxLength: 63,
  message: `a DNS-1035 label ${ALPHANUMERIC} or '-', start with an alphabetic character, and end with an alphanumeric character`,
  examples: ['my-name', 'abc-123'],
});

export const wildcardDnsSubdomain = rule({
  pattern: `\\*\\.${SUBDOMAIN}`,
  maxLength: 253,
  message: `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which ${ALPHANUMERIC}, '-' or '.' and end with an alphanumeric character`,
  examples: ['*.example.com'],
});

export const cIdentifier = rule({
  pattern: '[A-Za-z_][A-Za-z0-9_]*',
  message:
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  examples: ['my_name', 'MY_NAME', 'MyName'],
});

export const percent = rule({
  pattern: '[0-9]+%',
  message: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ['1%', '93%'],
});

export const httpHeaderName = rule({
  pattern: '[-A-Za-z0-9]+',
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ['X-Header-Name'],
});

const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const NAME_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const nameRegex = new RegExp(`^${NAME}$`);
const nameRegexMessage = regexMessage(NAME_MESSAGE, NAME, 'MyName', 'my.name', '123-abc');

const labelValueGrammar = rule({
  pattern: `(${NAME})?`,
  message: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
  examples: ['MyValue', 'my_value', '12345'],
});

/** The value of a label: empty, or up to 63 bytes like `my_value`. */
export function labelValue(value: string): Messages {
  const messages = labelValueGrammar(value);
  return byteLength(value) > 63 ? ['must be no more than 63 bytes', ...messages] : messages;
}

/** A name with an optional DNS prefix, as label keys and finalizers have: `app`, `example.com/app`. */
export function qualifiedName(value: string): Messages {
  const slash = value.indexOf('/');
  if (slash < 0) return value.length <= 63 && nameRegex.test(value) ? NONE : namePart(value, []);
  if (value.indexOf('/', slash + 1) >= 0) {
    return [
      `a valid label key ${nameRegexMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const messages: string[] = [];
  const prefix = value.slice(0, slash);
  if (prefix === '') messages.push('prefix part must be non-empty');
  else
    for (const message of dnsSubdomain(prefix)) messages.push(`prefix part ${message.replace(/characters$/, 'bytes')}`);
  return namePart(value.slice(slash + 1), messages);
}

function namePart(name: string, messages: string[]): Messages {
  if (name === '') messages.push('name part must be non-empty');
  else if (byteLength(name) > 63) messages.push('name part must be no more than 63 bytes');
  if (!nameRegex.test(name)) messages.push(`name part ${nameRegexMessage}`);
  return messages;
}

/** The name of a port: `http`; at most 15 of a-z, 0-9 and hyphens, with a letter. */
export function portName(value: string): Messages {
  const messages: string[] = [];
  if (byteLength(value) > 15) messages.push(tooLongMessage(15));
  if (!/^[-a-z0-9]+$/.test(value))
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

export function portNumber(value: number): Messages {
  return value >= 1 && value <= 65535 ? NONE : [rangeMessage(1, 65535)];
}

const configKey = rule({
  pattern: '[-._a-zA-Z0-9]+',
  maxLength: 253,
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ['key.name', 'KEY_NAME', 'key-name'],
});

/** A key of a ConfigMap or Secret. */
export function configMapKey(value: string): Messages {
  const messages = configKey(value);
  return value.startsWith('.') ? [...messages, ...parentDirectory(value)] : messages;
}

function parentDirectory(value: string): Messages {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : NONE;
}

export function environmentVariableName(value: string): Messages {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return NONE;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Names that become a path segment of a URL: anything but `.`, `..`, `/` and `%`. */
export function pathSegment(value: string): Messages {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  const messages: string[] = [];
  if (value.includes('/')) messages.push("may not contain '/'");
  if (value.includes('%')) messages.push("may not contain '%'");
  return messages;
}

/** The beginning of names: `generateName`. */
export function pathSegmentPrefix(value: string): Messages {
  const messages: string[] = [];
  if (value.includes('/')) messages.push("may not contain '/'");
  if (value.includes('%')) messages.push("may not contain '%'");
  return messages;
}

/** What names an object of a kind may have; `prefix` when the value is a generateName that is still to be extended. */
export type NameRule = (name: string, prefix: boolean) => Messages;

/** A trailing dash is fine where five more characters follow. */
const withoutTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

const grammarRule =
  (grammar: (value: string) => Messages): NameRule =>
  (name, prefix) =>
    grammar(prefix ? withoutTrailingDash(name) : name);

export const nameIsSubdomain = grammarRule(dnsSubdomain);
export const nameIsLabel = grammarRule(dnsLabel);
export const nameIs1035Label = grammarRule(dns1035Label);
export const nameIsPathSegment: NameRule = (name, prefix) => (prefix ? pathSegmentPrefix(name) : pathSegment(name));

/** Writes what a grammar complains about. */
export function check(value: string, grammar: (value: string) => Messages, path: Path, errors: ErrorList): void {
  for (const message of grammar(value)) errors.invalid(path, value, message);
}
