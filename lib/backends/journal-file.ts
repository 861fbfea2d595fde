/** The journal of a local cloud as a file of lines: `<data directory>/journal.jsonl`. */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../kubernetes/user-error';
import { type JournalFile, parseJournal } from '../simulator/journal';

/** @throws UserError when the file is not a journal; it is left as it is. */
export function journalFile(dataDirectory: string): JournalFile {
  mkdirSync(dataDirectory, { recursive: true });
  const file = join(dataDirectory, 'journal.jsonl');
  const lines = readLines(file);
  const handle = openSync(file, 'a', 0o600);
  process.once('exit', () => closeSync(handle));
  return {
    read: () => lines,
    // A write that the kernel has taken survives the death of the process, if not a power cut.
    append: (line) => void writeSync(handle, `${line}\n`),
  };
}

function readLines(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n').filter((line) => line !== '');
  try {
    parseJournal(lines);
    return lines;
  } catch {
    throw new UserError(
      'CorruptState',
      `${file} is not the journal of a local cloud`,
      `Nothing was changed. Move it away (mv ${file} ${file}.broken) to start with an empty cloud, or name another --data-dir.`,
    );
  }
}
