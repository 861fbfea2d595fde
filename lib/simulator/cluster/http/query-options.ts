/**
 * The query of a request as typed options, checked like the server checks its ListOptions, CreateOptions, ...
 * https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
 */
import { ErrorList, throwIfInvalid } from '../../../kubernetes/field-errors';
import { badRequest } from '../../../kubernetes/status-error';
import type { DeleteRequestOptions, RequestOptions } from '../api-server/request';
import type { PatchType } from '../client';
import { isTrue } from './request-info';

const META = 'meta.k8s.io';

/** Options of create, update and patch. @throws StatusError 422 */
export function writeOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  query: URLSearchParams,
  patchType?: PatchType,
): RequestOptions {
  const errors = new ErrorList();
  const options: { -readonly [K in keyof RequestOptions]: RequestOptions[K] } = {};
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (patchType === 'apply' && fieldManager === '') errors.required('fieldManager', 'is required for apply patch');
  if (patchType !== 'apply' && query.has('force')) {
    errors.forbidden('force', 'may not be specified for non-apply patch');
  }
  if (fieldManager.length > 128) errors.tooLong('fieldManager', 128);
  if (/[^\x20-\x7e\u00a0-\uffff]/.test(fieldManager)) {
    errors.invalid('fieldManager', fieldManager, 'should only contain printable characters');
  }
  checkDryRun(query, errors);
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']);
  }
  throwIfInvalid({ group: META, kind }, '', errors);
  if (fieldManager !== '') options.fieldManager = fieldManager;
  if (fieldValidation !== '') options.fieldValidation = fieldValidation as RequestOptions['fieldValidation'];
  if (query.has('dryRun')) options.dryRun = true;
  if (query.has('force')) options.force = isTrue(query.get('force'));
  return options;
}

function checkDryRun(query: URLSearchParams, errors: ErrorList): void {
  const values = query.getAll('dryRun');
  if (values.every((value) => value === 'All')) return;
  errors.notSupported('dryRun', values, ['All']);
}

export interface ListQuery extends RequestOptions {
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

/** @throws StatusError 400 or 422 */
export function listOptions(query: URLSearchParams, watch: boolean): ListQuery {
  const options = readListOptions(query, watch);
  const errors = new ErrorList();
  if (options.sendInitialEvents !== undefined) checkInitialEvents(options, query, errors);
  else checkVersionMatch(options, query, errors);
  throwIfInvalid({ group: META, kind: 'ListOptions' }, '', errors);
  if (watch) return options;
  if (options.continue && options.resourceVersion && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { resourceVersion } = options;
  if (resourceVersion && !/^\d+$/.test(resourceVersion)) {
    throw badRequest(`invalid resource version: ${versionError(resourceVersion)}`);
  }
  return options;
}

export const versionError = (version: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;

function readListOptions(query: URLSearchParams, watch: boolean): ListQuery {
  const text = (name: string) => query.get(name) ?? undefined;
  const limit = integer(query, 'limit');
  const timeoutSeconds = integer(query, 'timeoutSeconds');
  return {
    watch,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    ...defined({
      sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined,
      labelSelector: text('labelSelector'),
      fieldSelector: text('fieldSelector'),
      continue: text('continue') || undefined,
      resourceVersion: text('resourceVersion') || undefined,
      resourceVersionMatch: (text('resourceVersionMatch') || undefined) as RequestOptions['resourceVersionMatch'],
      limit: limit !== undefined && limit > 0 ? limit : undefined,
      timeoutSeconds,
    }),
  };
}

function checkVersionMatch(options: ListQuery, query: URLSearchParams, errors: ErrorList): void {
  const match = query.get('resourceVersionMatch') ?? '';
  if (match === '') return;
  const field = 'resourceVersionMatch';
  if (options.watch) {
    errors.forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (!options.resourceVersion)
    errors.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (options.continue) errors.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') errors.notSupported(field, match, ['Exact', 'NotOlderThan', '']);
  if (match === 'Exact' && options.resourceVersion === '0') {
    errors.forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

function checkInitialEvents(options: ListQuery, query: URLSearchParams, errors: ErrorList): void {
  const field = 'resourceVersionMatch';
  const match = query.get(field) ?? '';
  if (!options.watch) {
    errors.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
    return;
  }
  if (match === '') {
    errors.forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  } else if (match !== 'NotOlderThan') {
    errors.notSupported(field, match, ['NotOlderThan']);
  }
}

/** The options of a DELETE in its query; those in its body win. @throws StatusError 400 */
export function deleteQuery(query: URLSearchParams): Record<string, unknown> {
  const grace = integer(query, 'gracePeriodSeconds');
  return defined({
    gracePeriodSeconds: grace,
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: query.has('orphanDependents') ? isTrue(query.get('orphanDependents')) : undefined,
    dryRun: query.has('dryRun') ? query.getAll('dryRun') : undefined,
  });
}

/** @throws StatusError 422 */
export function checkDeleteOptions(options: Record<string, any>): { options: DeleteRequestOptions; dryRun: boolean } {
  const errors = new ErrorList();
  const { propagationPolicy, orphanDependents, gracePeriodSeconds, preconditions, dryRun } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.invalid(
      'propagationPolicy',
      propagationPolicy,
      'orphanDependents and deletionPropagation cannot be both set',
    );
  }
  if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    errors.notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']);
  }
  if (dryRun !== undefined && !dryRun.every((value: unknown) => value === 'All')) {
    errors.notSupported('dryRun', dryRun, ['All']);
  }
  throwIfInvalid({ group: META, kind: 'DeleteOptions' }, '', errors);
  return {
    options: defined({ propagationPolicy, orphanDependents, gracePeriodSeconds, preconditions }),
    dryRun: dryRun !== undefined && dryRun.length > 0,
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
