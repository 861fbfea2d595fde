/** Small JSON files that drydock keeps between two commands: read whole or refused, replaced in one step. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Undefined when there is no such file.
 * @throws what `corrupt` makes when the file is no JSON, or not what `isRecord` asks for; the file is left as it is
 */
export function readRecordFile<T>(file: string, isRecord: (record: T) => boolean, corrupt: () => Error): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const record = JSON.parse(text) as T;
    if (isRecord(record)) return record;
  } catch {
    // falls through to the one message for both
  }
  throw corrupt();
}

/** Writes the file so that a crash leaves the old one or the new one. @param mode its permissions. @default 0o666 less the umask */
export function replaceFile(file: string, text: string, mode?: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, mode === undefined ? {} : { mode });
  renameSync(`${file}.new`, file);
}
