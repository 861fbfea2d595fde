/** Conflicts of an apply, in the server's words. */
import { StatusError } from '../status-error';
import { type FieldPath, pathText } from './field-set';
import { compareStrings } from './json';
import { describeManager, identifierOf, type Manager } from './managers';

export interface Conflict {
  readonly manager: Manager;
  readonly path: FieldPath;
}

/** Thrown inside `apply`; leaves it as a 409 Status. */
export class ConflictError extends Error {
  constructor(readonly conflicts: readonly Conflict[]) {
    super('conflict');
  }
}

export function conflictStatus(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: pathText(path),
  }));
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  if (conflicts.length === 1) {
    const { manager, path } = conflicts[0]!;
    return `Apply failed with 1 conflict: conflict with ${describeManager(manager)}: ${pathText(path)}`;
  }
  const byManager = new Map<string, Conflict[]>();
  for (const conflict of conflicts) {
    const id = identifierOf(conflict.manager);
    byManager.set(id, [...(byManager.get(id) ?? []), conflict]);
  }
  const lines = [...byManager.entries()]
    .sort(([a], [b]) => compareStrings(a, b))
    .flatMap(([, own]) => [
      `conflicts with ${describeManager(own[0]!.manager)}:`,
      ...own.map(({ path }) => `- ${pathText(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
