/**
 * The API server's errors: one `Status` object with reason, HTTP code and details; one constructor per reason.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/  (apimachinery `api/errors`)
 */

import { quote } from './quote';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string };
  readonly status?: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** Thrown wherever the API server answers with a failure Status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  /** Texts for Warning headers that came up before the failure. */
  warnings?: readonly string[];

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
    /** Extra response headers, e.g. Retry-After. */
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** Reads a Status answer. */
  static from(status: Status): StatusError {
    return new StatusError(status.code ?? 500, status.reason ?? '', status.message ?? '', status.details);
  }
}

const details = (resource: GroupResource, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.resource,
});

const qualified = (resource: GroupResource): string =>
  resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;

export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(resource)} ${quote(name)} not found`, details(resource, name));
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, details(resource, name));
}

export function conflict(resource: GroupResource, name: string, cause: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${cause}`;
  return new StatusError(409, 'Conflict', message, details(resource, name));
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function forbidden(resource: GroupResource, name: string, cause: string): StatusError {
  const subject = name === '' ? `${qualified(resource)} is forbidden` : `${qualified(resource)} "${name}" is forbidden`;
  return new StatusError(403, 'Forbidden', `${subject}: ${cause}`, details(resource, name));
}

export function internalError(cause: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${cause}`, { causes: [{ message: cause }] });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'AlreadyExists';
}

export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict';
}
