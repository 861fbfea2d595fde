/**
 * What a failed dry run means: a conflict over fields, a field that may not change, or plainly a mistake.
 */
import { StatusError } from '../kubernetes/status-error';
import type { Refusal } from './plan';
import { TransportError } from './transport';

/** Managers that a conflict names: `conflict with "kubectl-edit" using apps/v1: .spec.replicas`. */
export function conflictingManagers(error: unknown): string[] {
  if (!(error instanceof StatusError) || error.reason !== 'Conflict') return [];
  const causes = (error.details?.causes ?? []).filter(({ reason }) => reason === 'FieldManagerConflict');
  const managers = causes.map(({ message = '' }) => /conflict with "([^"]+)"/.exec(message)?.[1] ?? 'unknown');
  return [...new Set(managers)];
}

const IMMUTABLE =
  /field is immutable|pod updates may not change fields|updates to \S+ spec for fields other than|may not change once set|cannot be changed after creation|cannot change roleRef|is immutable after creation/;

/** Whether only a new object can have what is asked for. */
export function needsReplacement(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 422 || error.code === 403) && IMMUTABLE.test(error.message);
}

export function missesServiceAccount(error: unknown): boolean {
  return error instanceof StatusError && error.code === 403 && /error looking up service account/.test(error.message);
}

/** @throws whatever is no answer of the server and no failure to reach it: a bug. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof TransportError) return { reason: error.code ?? 'Unreachable', message: error.message };
  if (!(error instanceof StatusError)) throw error;
  const { reason, message } = error;
  const hint = hintFor(error);
  return { reason: reason || `HTTP ${error.code}`, message, ...(hint ? { hint } : {}) };
}

function hintFor(error: StatusError): string | undefined {
  const managers = conflictingManagers(error);
  if (managers.length > 0) {
    const scaled = (error.details?.causes ?? []).some(({ field }) => field === '.spec.replicas');
    const yours = `Leave these fields out to let ${managers.join(', ')} have them`;
    return `${yours}${scaled ? ' (an autoscaler needs replicas left out)' : ''}, or force conflicts to take them.`;
  }
  if (needsReplacement(error)) return 'This takes a new object: allow replacement, or give it another name.';
  if (/field not declared in schema|unknown field/.test(error.message)) {
    return 'The cluster does not know this field: is it spelled right, and in the right place?';
  }
  if (error.reason === 'Forbidden' && / cannot \w+ resource /.test(error.message)) {
    return 'The user that drydock runs as lacks this permission.';
  }
  return undefined;
}
