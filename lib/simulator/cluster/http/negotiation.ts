/**
 * Which form of the answer the client accepts, and in which form its body came.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 *
 * Left out: protobuf answers. Whoever asks for them gets JSON, which every client that asks for protobuf also reads.
 */
import { StatusError } from '../../../kubernetes/status-error';

export interface AcceptedForm {
  readonly encoding: 'json' | 'yaml';
  /** The transformation asked for; undefined is the object as it is. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Of meta.k8s.io. @default v1 */
  readonly version: 'v1' | 'v1beta1';
  readonly pretty: boolean;
}

export const JSON_FORM: AcceptedForm = { encoding: 'json', version: 'v1', pretty: false };

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const TRANSFORMATIONS = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** @throws StatusError 406 */
export function negotiate(accept: string | undefined, options: { readonly collection: boolean }): AcceptedForm {
  const header = accept === undefined || accept.trim() === '' ? '*/*' : accept;
  const clauses = parseAccept(header);
  const representations = options.collection ? [...OBJECT_TYPES, ...STREAM_TYPES] : OBJECT_TYPES;
  if (!clauses.some(({ type }) => type === '*/*' || OBJECT_TYPES.includes(type))) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${representations.join(', ')}`;
    throw new StatusError(406, 'NotAcceptable', message, {});
  }
  for (const clause of clauses) {
    const form = formOf(clause);
    if (form) return form;
  }
  throw notAcceptable(`only the following media types are accepted: ${OBJECT_TYPES.join(', ')}`);
}

export const notAcceptable = (message: string): StatusError => new StatusError(406, 'NotAcceptable', message);

function formOf({ type, parameters }: Clause): AcceptedForm | undefined {
  if (type !== '*/*' && type !== 'application/*' && !OBJECT_TYPES.includes(type)) return undefined;
  const as = parameters.get('as');
  const version = parameters.get('v');
  const pretty = parameters.get('pretty') === '1';
  const encoding = type === 'application/yaml' ? 'yaml' : 'json';
  if (as === undefined || as === '') return { encoding, version: 'v1', pretty };
  if (!TRANSFORMATIONS.has(as) || parameters.get('g') !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  return { encoding, as: as as AcceptedForm['as'], version, pretty };
}

/** `application/json;as=Table;v=v1;g=meta.k8s.io, application/json;q=0.5`, the most wanted first. */
export function parseAccept(header: string): readonly Clause[] {
  const clauses = header.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters.set(parameter.slice(0, equals), parameter.slice(equals + 1));
    }
    const quality = Number(parameters.get('q') ?? '1');
    return { type, parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

/** `application/json; charset=utf-8` is `application/json`; no header is JSON, too. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined || contentType === '') return 'application/json';
  return contentType.split(';')[0]!.trim().toLowerCase();
}

export function unsupportedMediaType(accepted: readonly string[] = OBJECT_TYPES): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}
