import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EnvironmentRecord, readEnvironmentRecord, writeEnvironmentRecord } from '../../lib/environment/state';
import { UserError } from '../../lib/kubernetes/user-error';

const record: EnvironmentRecord = {
  version: 1,
  backend: 'local',
  account: '123456789012',
  region: 'eu-west-1',
  phase: 'up',
  stacks: ['network', 'cluster'],
  clusters: ['shop'],
};

const scratch = () => mkdtempSync(join(tmpdir(), 'drydock-state-'));

test('a folder where nothing was brought up has no record', () => {
  expect(readEnvironmentRecord(scratch())).toBeUndefined();
});

test('a record that was written is read back', () => {
  const folder = join(scratch(), 'deep', '.drydock');
  writeEnvironmentRecord(folder, record);
  expect(readEnvironmentRecord(folder)).toEqual(record);
});

test.each(['', '{"version": 1, "sta', '{"version": 2, "stacks": []}', 'null'])(
  'a corrupt record (%j) is one clear error, and the file is left as it is',
  (text) => {
    const folder = scratch();
    const file = join(folder, 'environment.json');
    writeFileSync(file, text);
    expect(() => readEnvironmentRecord(folder)).toThrow(UserError);
    expect(() => readEnvironmentRecord(folder)).toThrow('is not a drydock environment record');
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
