/**
 * What drydock remembers of an environment between two commands: one small file, `.drydock/environment.json`, written
 * before anything is changed, so that `down` knows what to look for even after a crash in the middle of `up`.
 *
 * It holds names, never state: what really exists is always asked of the cloud.
 */
import { join } from 'node:path';
import { readRecordFile, replaceFile } from '../backends/record-file';
import { UserError } from '../kubernetes/user-error';

export interface EnvironmentRecord {
  readonly version: 1;
  readonly backend: 'local' | 'aws';
  readonly account: string;
  readonly region: string;
  /** `up` writes `up` before its first change, `down` writes `down` after its last check. */
  readonly phase: 'up' | 'down';
  /** In the order of their creation. None: the cluster was built elsewhere, and only objects are ours. */
  readonly stacks: readonly string[];
  /** The EKS clusters that the stacks make, or the one that was there already. */
  readonly clusters: readonly string[];
  /** The role to work as in a cluster that was built elsewhere. @default the caller's own */
  readonly roleArn?: string;
}

const FILE = 'environment.json';

export function readEnvironmentRecord(stateDirectory: string): EnvironmentRecord | undefined {
  const file = join(stateDirectory, FILE);
  return readRecordFile<EnvironmentRecord>(
    file,
    (record) => record.version === 1 && Array.isArray(record.stacks),
    () =>
      new UserError(
        'CorruptState',
        `${file} is not a drydock environment record`,
        `Nothing was changed. Move the file away (mv ${file} ${file}.broken) and run the command again; drydock asks the cloud what exists.`,
      ),
  );
}

export function writeEnvironmentRecord(stateDirectory: string, record: EnvironmentRecord): void {
  replaceFile(join(stateDirectory, FILE), `${JSON.stringify(record, null, 2)}\n`);
}
