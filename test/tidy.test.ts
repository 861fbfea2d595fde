/**
 * The style and the layers of the house, as a test: what the architecture page says is asserted here.
 * See docs/architecture.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const MAX_LINES = 400;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function readTree(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => {
      const path = relative(ROOT, join(entry.parentPath, entry.name));
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, imports: importsOf(text) };
    });
}

function importsOf(text: string): string[] {
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s+'([^']+)'|(?:import|require)\(\s*'([^']+)'\s*\)/g,
  );
  return [...statements].map((match) => match[1] ?? match[2]!);
}

const sources = readTree('lib').filter((file) => !file.path.endsWith('.generated.ts'));

/** The room of a file: the longest of these folders that holds it. */
const ROOMS = [
  'lib/cli',
  'lib/dashboard',
  'lib/testing',
  'lib/environment',
  'lib/stacks',
  'lib/charts',
  'lib/manifests',
  'lib/apply',
  'lib/backends',
  'lib/simulator/cluster',
  'lib/simulator/aws',
  'lib/simulator/bridge',
  'lib/simulator',
  'lib/kubernetes',
  'lib',
];

const roomOf = (path: string): string => ROOMS.find((room) => path === room || path.startsWith(`${room}/`)) ?? path;

/** What each room may import besides itself. Imports point down; siblings do not see each other. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'lib/kubernetes': [],
  'lib/simulator': ['lib', 'lib/kubernetes', 'lib/simulator/cluster', 'lib/simulator/aws', 'lib/simulator/bridge'],
  'lib/simulator/cluster': ['lib', 'lib/kubernetes', 'lib/simulator'],
  'lib/simulator/aws': ['lib', 'lib/kubernetes', 'lib/simulator'],
  'lib/simulator/bridge': ['lib', 'lib/kubernetes', 'lib/simulator', 'lib/simulator/cluster', 'lib/simulator/aws'],
  'lib/manifests': ['lib', 'lib/kubernetes'],
  'lib/charts': ['lib', 'lib/kubernetes', 'lib/manifests'],
  'lib/stacks': ['lib', 'lib/kubernetes'],
  'lib/apply': ['lib', 'lib/kubernetes'],
  'lib/backends': ['lib', 'lib/kubernetes', 'lib/apply', 'lib/simulator'],
  'lib/environment': ['lib', 'lib/kubernetes', 'lib/apply', 'lib/manifests', 'lib/stacks', 'lib/backends'],
  'lib/testing': ['lib', 'lib/kubernetes', 'lib/apply', 'lib/manifests', 'lib/simulator', 'lib/simulator/cluster'],
  'lib/cli': [
    'lib',
    'lib/kubernetes',
    'lib/apply',
    'lib/manifests',
    'lib/backends',
    'lib/environment',
    'lib/simulator',
    'lib/simulator/cluster',
  ],
  'lib/dashboard': ['lib', 'lib/kubernetes'],
};

/** Third-party modules, and the only places that may import them. */
const FENCES: readonly { readonly module: RegExp; readonly allowed: RegExp }[] = [
  { module: /^aws-cdk-lib/, allowed: /^lib\/stacks\// },
  { module: /^constructs$/, allowed: /^lib\/(stacks|charts|manifests|testing)\// },
  { module: /^@kubernetes\/client-node/, allowed: /^lib\/(apply|backends)\// },
  { module: /^@aws-sdk\//, allowed: /^lib\/(backends|environment)\// },
  { module: /^@aws-cdk\/toolkit-lib/, allowed: /^lib\/(backends|environment)\// },
];

test('imports point down and siblings do not see each other', () => {
  const offences = sources.flatMap((file) =>
    file.imports
      .filter((name) => name.startsWith('.'))
      .map((name) => relative(ROOT, resolve(ROOT, dirname(file.path), name)))
      .filter((target) => target.startsWith('lib'))
      .filter((target) => {
        const from = roomOf(file.path);
        const to = roomOf(target);
        // The public entry lib/index.ts sees everything; clock.ts nothing.
        return from !== to && from !== 'lib' && !MAY_IMPORT[from]?.includes(to);
      })
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(offences).toEqual([]);
});

test('third-party modules stay behind their fences', () => {
  const offences = sources.flatMap((file) =>
    file.imports
      .filter((name) => FENCES.some((fence) => fence.module.test(name) && !fence.allowed.test(file.path)))
      .map((name) => `${file.path} imports ${name}`),
  );
  expect(offences).toEqual([]);
});

test('the vocabulary is pure: no I/O and no third-party modules', () => {
  const offences = sources
    .filter((file) => file.path.startsWith('lib/kubernetes/') || file.path === 'lib/clock.ts')
    .flatMap((file) =>
      file.imports.filter((name) => !name.startsWith('.')).map((name) => `${file.path} imports ${name}`),
    );
  expect(offences).toEqual([]);
});

test('the simulator reads no wall clock, no global randomness and no environment, and prints nothing', () => {
  const forbidden = /\b(Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|setInterval\(|process\.env|console\.)/;
  const offences = sources
    .filter((file) => file.path.startsWith('lib/simulator/'))
    .flatMap((file) =>
      withoutComments(file.text)
        .split('\n')
        .flatMap((line, index) => (forbidden.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [])),
    );
  expect(offences).toEqual([]);
});

test('every file teaches what it is, and none outgrows a reader', () => {
  const offences = sources.flatMap((file) => {
    const lines = file.text.split('\n').length;
    const problems: string[] = [];
    if (!/\/\*\*/.test(file.text)) problems.push(`${file.path} explains nothing`);
    if (lines > MAX_LINES) problems.push(`${file.path} has ${lines} lines, more than ${MAX_LINES}`);
    return problems;
  });
  expect(offences).toEqual([]);
});

test('there are no default exports', () => {
  expect(sources.filter((file) => /^export default /m.test(file.text)).map((file) => file.path)).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/.*$/gm, '$1');
}
