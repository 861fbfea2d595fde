/** The local cloud of this folder, for verbs that need one which runs. */
import { findLocalCloud, type LocalCloudRecord } from '../backends/local-process';
import { UserError } from '../kubernetes/user-error';
import { stateDirectory } from './context';

/** @throws UserError when none is running */
export async function findRunningCloud(options: { readonly stateDir: string }): Promise<LocalCloudRecord> {
  const record = await findLocalCloud(stateDirectory(options));
  if (record) return record;
  throw new UserError(
    'NoCloud',
    'no local cloud is running in this folder',
    'Start one with `drydock cloud start` or `drydock up`.',
  );
}
