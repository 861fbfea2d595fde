/**
 * What the API server would say to one object, without a server: the same schema, the same defaults and the same validators, in
 * the same order and the same words. https://kubernetes.io/docs/reference/using-api/api-concepts/
 *
 * Custom resources are held against their definition when it is in the application. Left out: admission by webhooks and policies.
 */
import { objectMetaSchema } from '../../kubernetes/custom-resources/json-schema';
import { type KindDefinition, tryKindDefinition } from '../../kubernetes/kinds';
import { type KubernetesObject, parseApiVersion } from '../../kubernetes/object';
import { apiVersionsOfKind, isBuiltInApiVersion, tryResourceOfKind } from '../../kubernetes/resources';
import { DecodeError, decode } from '../../kubernetes/schema/decode';
import { type Schema, trySchemaOf } from '../../kubernetes/schema/schema';
import { referencesIn } from '../../stack-output';
import { closest } from '../closest';
import { holdsToken } from '../tokens';
import { type CustomKinds, malformedSchema } from './custom-resources';
import type { Severity } from './finding';
import { movedTo } from './removed-apis';
import { deprecation, NEWEST, servedOnlySince, stillServed } from './versions';

export interface Problem {
  readonly rule: string;
  /** @default error */
  readonly severity?: Severity;
  readonly message: string;
  readonly field?: string;
  readonly fix?: string;
}

export interface ApiCheck {
  readonly problems: readonly Problem[];
  /** False when the kind is unknown or a value has the wrong type: nothing more can be said of such an object. */
  readonly readable: boolean;
}

const refused = (problem: Problem): ApiCheck => ({ problems: [problem], readable: false });

/** @param target the release of Kubernetes that the objects are for */
export function checkWithApi(object: KubernetesObject, custom: CustomKinds, target: string): ApiCheck {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return refused({ rule: 'unknown-kind', message: 'apiVersion and kind must be set' });
  }
  const known = knownKind(apiVersion, kind);
  if (known === undefined) {
    return custom.specOf(object) === undefined ? checkUnknownKind(object, target) : checkCustomKind(object, custom);
  }
  const { schema, definition } = known;
  if (target !== NEWEST) {
    const since = servedOnlySince(apiVersion, kind, target);
    const message = `no kind "${kind}" is registered for version "${apiVersion}" in Kubernetes ${target}`;
    const fix = `it is served since ${since}`;
    if (since !== undefined) return refused({ rule: 'unknown-kind', message, field: 'apiVersion', fix });
  }
  let decoded: KubernetesObject;
  let unknownFields: readonly string[];
  try {
    ({ value: decoded, unknownFields } = decode(schema, object));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refused(wrongType(schema, object, error));
  }
  const malformed = kind === 'CustomResourceDefinition' ? malformedSchema(object) : undefined;
  if (malformed !== undefined) {
    return refused({ rule: 'wrong-type', message: `${malformed}: a schema must be a map`, field: malformed });
  }
  const problems = validate(decoded, definition);
  const deprecated = deprecation(apiVersion, kind, target);
  if (problems.length === 0 && unknownFields.length === 0 && deprecated === undefined) return NOTHING_WRONG;
  const unknown = unknownFields.map((field): Problem => {
    const instead = closestField(schema, field);
    const fix = instead === undefined ? undefined : `did you mean ${instead}?`;
    return { rule: 'unknown-field', message: `unknown field "${field}"`, field, fix };
  });
  if (deprecated === undefined) return { problems: [...unknown, ...problems], readable: true };
  const last: Problem = { rule: 'deprecated-api', severity: 'warning', field: 'apiVersion', ...deprecated };
  return { problems: [...unknown, ...problems, last], readable: true };
}

const NOTHING_WRONG: ApiCheck = { problems: [], readable: true };

interface KnownKind {
  readonly schema: Schema;
  readonly definition: KindDefinition;
}

/** By `<apiVersion>/<kind>`; an app has thousands of objects of few kinds. */
const knownKinds = new Map<string, KnownKind>();

function knownKind(apiVersion: string, kind: string): KnownKind | undefined {
  const key = `${apiVersion}/${kind}`;
  const cached = knownKinds.get(key);
  if (cached !== undefined) return cached;
  const { group, version } = parseApiVersion(apiVersion);
  const schema = trySchemaOf(group, version, kind);
  const definition = tryKindDefinition(group, kind);
  if (schema === undefined || definition === undefined || !tryResourceOfKind(apiVersion, kind)) return undefined;
  const known = { schema, definition };
  knownKinds.set(key, known);
  return known;
}

function checkCustomKind(object: KubernetesObject, custom: CustomKinds): ApiCheck {
  const kind = custom.kindOf(object);
  if (kind === undefined) {
    const { group, versions } = custom.specOf(object)!;
    const served = versions.filter((version) => version.served).map(({ name }) => `${group}/${name}`);
    const message = `no kind "${object.kind}" is registered for version "${object.apiVersion}"`;
    const fix = `its definition serves ${served.join(', ')}`;
    return refused({ rule: 'unknown-kind', message, field: 'apiVersion', fix });
  }
  try {
    const { value, unknownFields } = kind.decode(object);
    const problems = unknownFields.map((field): Problem => {
      return { rule: 'unknown-field', message: `unknown field "${field}"`, field };
    });
    return { problems: [...problems, ...validate(value, kind.definition)], readable: true };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refused({ rule: 'wrong-type', message: `metadata: ${error.message}`, field: 'metadata' });
  }
}

/** The server gives every object one before it looks at it; Jobs put theirs into labels. */
const SOME_UID = '00000000-0000-0000-0000-000000000000';

const NO_PROBLEMS: readonly Problem[] = [];

function validate(decoded: KubernetesObject, definition: KindDefinition): readonly Problem[] {
  const { apiVersion } = decoded;
  const context = { now: 0, apiVersion };
  decoded.metadata ??= {};
  const { metadata } = decoded;
  const generated = !metadata.name && metadata.generateName ? `${metadata.generateName}xxxxx` : undefined;
  if (generated !== undefined) metadata.name = generated;
  if (definition.namespaced && !metadata.namespace) metadata.namespace = 'default';
  metadata.uid ??= SOME_UID;
  definition.applyDefaults(decoded);
  const hub = definition.conversions.get(apiVersion)?.toHub(structuredClone(decoded)) ?? decoded;
  const status = hub.status;
  definition.prepareForCreate(hub, context);
  const { errors } = definition.validate(hub, context);
  const warnings = definition.warnings(hub);
  if (hub === decoded) hub.status = status;
  if (errors.length === 0 && warnings.length === 0) return NO_PROBLEMS;
  const problems = new Map<string, Problem>();
  for (const { field, body } of errors) {
    const message = `${field}: ${body}`;
    // What the value will be is not known yet; it is looked at again when it is.
    if (referencesIn(message).length > 0 || holdsToken(message)) continue;
    problems.set(message, { rule: 'invalid-value', message, field });
  }
  for (const message of warnings) problems.set(message, { rule: 'api-warning', severity: 'warning', message });
  return [...problems.values()];
}

function checkUnknownKind(object: KubernetesObject, target: string): ApiCheck {
  const { apiVersion, kind } = object;
  const elsewhere = apiVersionsOfKind(kind);
  const removed = movedTo(apiVersion, kind);
  const message = `no kind "${kind}" is registered for version "${apiVersion}"`;
  if (removed !== undefined) {
    // An older cluster takes it; what it says cannot be checked, for its schema is gone.
    if (stillServed(removed.since, target)) return checkMetadata(object);
    return refused({ rule: 'removed-api', message, field: 'apiVersion', fix: removed.fix });
  }
  const { group } = parseApiVersion(apiVersion);
  // The group of a custom resource is a domain name; anything else can only be meant to be built in.
  const custom = group.includes('.') && !isBuiltInApiVersion(apiVersion) && elsewhere.length === 0;
  if (custom) return checkMetadata(object);
  const fix = elsewhere.length > 0 ? `write apiVersion: ${elsewhere[0]}` : 'check the spelling of apiVersion and kind';
  return refused({ rule: 'unknown-kind', message, field: 'apiVersion', fix });
}

/** All that is known of an object whose kind is not. */
function checkMetadata({ metadata }: KubernetesObject): ApiCheck {
  try {
    decode(objectMetaSchema(), metadata);
    return NOTHING_WRONG;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refused({ rule: 'wrong-type', message: `metadata: ${error.message}`, field: 'metadata' });
  }
}

/** The server does not always say where: the field is found by reading the parts one by one. */
function wrongType(schema: Schema, object: KubernetesObject, { message }: DecodeError): Problem {
  const field = unreadable(schema, object) ?? '';
  const named = field === '' || message.includes('Go struct field') ? message : `${field}: ${message}`;
  return { rule: 'wrong-type', message: named, fix: fixForWrongType(message), ...(field === '' ? {} : { field }) };
}

/** The path of the first part that cannot be read although everything in it can; undefined when all of it can. */
function unreadable(schema: Schema, value: unknown): string | undefined {
  try {
    decode(schema, value);
    return undefined;
  } catch {
    const join = (step: string, rest: string) =>
      rest === '' || rest.startsWith('[') ? step + rest : `${step}.${rest}`;
    for (const [key, item] of Object.entries(value ?? {})) {
      const part = Array.isArray(value) ? schema.items : stepInto(schema, key);
      const rest = part === undefined ? undefined : unreadable(part, item);
      if (rest !== undefined) return join(Array.isArray(value) ? `[${key}]` : key, rest);
    }
    return '';
  }
}

/** `cannot unmarshal bool into ... of type string` is nearly always YAML that meant a string. */
function fixForWrongType(message: string): string | undefined {
  if (/cannot unmarshal (?:number|bool) into .* of type string$/.test(message)) return 'put the value in quotes';
  if (/cannot unmarshal string into .* of type (?:u?int\d*|bool)$/.test(message)) return 'take the quotes away';
  return undefined;
}

/** The known field that the unknown one at this path was most likely meant to be. */
function closestField(schema: Schema, path: string): string | undefined {
  const steps = path.split('.');
  let at: Schema | undefined = schema;
  for (const step of steps.slice(0, -1)) {
    const bracket = step.indexOf('[');
    at = bracket < 0 ? stepInto(at, step) : stepInto(at, step.slice(0, bracket))?.items;
    if (at === undefined) return undefined;
  }
  return closest(steps.at(-1)!, [...(at.fields?.keys() ?? [])]);
}

function stepInto(schema: Schema | undefined, name: string): Schema | undefined {
  return schema?.fields?.get(name) ?? schema?.values;
}
