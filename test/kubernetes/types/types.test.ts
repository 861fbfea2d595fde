import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

test('the generated types are what the generator writes', () => {
  const root = join(__dirname, '..', '..', '..');
  const files = execFileSync('node', ['--import', 'tsx', 'tools/generate-types.ts', '--check'], { cwd: root });
  expect(files.toString()).toContain('up to date');
});
