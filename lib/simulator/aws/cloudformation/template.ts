/**
 * Reads a template: JSON, or YAML with the short forms of the intrinsic functions (`!Ref`, `!GetAtt a.b`, `!Sub`).
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 *
 * Left out: macros, transforms other than AWS::LanguageExtensions, hooks.
 */
import { type CollectionTag, parseDocument, type ScalarTag } from 'yaml';
import { notSimulated, validationError } from '../aws-error';
import type { WireObject } from '../service';
import { isLoop, LANGUAGE_EXTENSIONS } from './language-extensions';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
  readonly UpdatePolicy?: unknown;
  readonly CreationPolicy?: unknown;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly Description?: string;
  readonly NoEcho?: boolean | string;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
}

export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Metadata?: WireObject;
  readonly Parameters: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Rules: Readonly<Record<string, WireObject>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, TemplateOutput>>;
  /** `Transform`, as a list. */
  readonly transforms: readonly string[];
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
  'Transform',
  'Hooks',
];
/** The most bytes of a template given in the request itself, and through S3. */
const MAX_BODY_BYTES = 51_200;
const MAX_URL_BYTES = 1_000_000;

/** @throws ValidationError with CloudFormation's sentence when the text is no template. */
export function parseTemplate(text: string, source: 'body' | 'url' = 'body'): Template {
  const limit = source === 'body' ? MAX_BODY_BYTES : MAX_URL_BYTES;
  if (Buffer.byteLength(text) > limit) {
    throw validationError(
      source === 'body'
        ? "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200"
        : `Template may not exceed ${MAX_URL_BYTES} bytes in size.`,
    );
  }
  const parsed = text.trimStart().startsWith('{') ? parseJson(text) : parseYaml(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw validationError('Template format error: unsupported structure.');
  }
  const unknown = Object.keys(parsed).filter((section) => !SECTIONS.includes(section));
  if (unknown.length > 0) throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  const raw = parsed as Record<string, any>;
  const transforms = [raw.Transform ?? []].flat() as string[];
  const other = transforms.find((name) => name !== LANGUAGE_EXTENSIONS);
  if (other !== undefined) throw notSimulated(`The transform ${JSON.stringify(other)}`);
  if (typeof raw.Resources !== 'object' || raw.Resources === null || Object.keys(raw.Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  for (const [id, resource] of Object.entries<any>(raw.Resources)) {
    if (transforms.length === 0 || !isLoop(id)) checkResource(id, resource);
  }
  return {
    AWSTemplateFormatVersion: raw.AWSTemplateFormatVersion,
    Description: raw.Description,
    Metadata: raw.Metadata,
    Parameters: raw.Parameters ?? {},
    Mappings: raw.Mappings ?? {},
    Conditions: raw.Conditions ?? {},
    Rules: raw.Rules ?? {},
    Resources: raw.Resources,
    Outputs: raw.Outputs ?? {},
    transforms,
  };
}

function checkResource(id: string, resource: Record<string, unknown> | null): void {
  if (!/^[A-Za-z0-9]+$/.test(id)) {
    throw validationError(`Template format error: Resource name ${id} is non alphanumeric.`);
  }
  if (typeof resource !== 'object' || resource === null) {
    throw validationError(`Template format error: Resource ${id} is not an object.`);
  }
  if (typeof resource.Type !== 'string') {
    throw validationError(
      `Template format error: [/Resources/${id}] Every Resources object must contain a Type member.`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw validationError(`Template format error: JSON not well-formed. (${(error as Error).message})`);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: SHORT_FORMS, version: '1.1', schema: 'core', merge: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const position = problem.linePos?.[0];
    const where = position ? ` (line ${position.line}, column ${position.col})` : '';
    throw validationError(`Template format error: YAML not well-formed.${where}`);
  }
  return document.toJS();
}

const FUNCTIONS = [
  'And',
  'Base64',
  'Cidr',
  'Contains',
  'EachMemberEquals',
  'EachMemberIn',
  'Equals',
  'FindInMap',
  'GetAZs',
  'GetAtt',
  'If',
  'ImportValue',
  'Join',
  'Length',
  'Not',
  'Or',
  'RefAll',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
  'ValueOf',
  'ValueOfAll',
];

/** `!Sub x` is `{ "Fn::Sub": x }`; `!Ref` and `!Condition` have no prefix; `!GetAtt a.b` is `["a", "b"]`. */
const SHORT_FORMS: (ScalarTag | CollectionTag)[] = ['Ref', 'Condition', ...FUNCTIONS].flatMap((name) => {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const tag = `!${name}`;
  const scalar: ScalarTag = {
    tag,
    resolve: (text) => ({ [key]: name === 'GetAtt' ? splitAttribute(text) : text }),
  };
  const collection = (kind: 'seq' | 'map'): CollectionTag => ({
    tag,
    collection: kind,
    resolve: (value) => ({ [key]: (value as { toJSON(): unknown }).toJSON() }),
  });
  return [scalar, collection('seq'), collection('map')];
});

/** `A.B.C` -> `['A', 'B.C']`. */
export function splitAttribute(text: string): string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}
