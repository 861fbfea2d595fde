/**
 * Finds the applications in a directory and synthesises them together.
 *
 * A manifest file is a program that makes an `App`, as in the CDK: whatever apps are made while the file is loaded count, and
 * nothing has to be exported. Plain objects that a file exports count too, alone or in arrays. `*.yaml`, `*.yml` and `*.json` are
 * taken as they are. A file that makes nothing is a helper of the others. Directories and files whose names start with a dot, `*.d.ts`,
 * `*.test.*` and node_modules are left out.
 */
import { readdirSync } from 'node:fs';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { KubernetesObject } from '../kubernetes/object';
import { UserError } from '../kubernetes/user-error';
import { App, appsMadeBy } from './app';
import { Chart } from './chart';
import { refuseErrors, validate } from './check';
import { includeObject, includeYamlFile } from './include';
import { sourceOf } from './origin';
import { synthesize } from './synthesis';
import type { Finding } from './validation/finding';

export interface LoadOptions {
  /** Called with what is doubtful; errors are thrown. */
  readonly onWarning?: (finding: Finding) => void;
  /** Runs a file and gives its exports. @default tsx, which takes TypeScript and both module systems */
  readonly importModule?: (file: string) => Promise<unknown>;
}

const PROGRAM = /^\.[cm]?[jt]sx?$/;
const DATA = /^\.(?:ya?ml|json)$/;

/**
 * The objects of all applications in a directory, in the order in which they are applied, and not checked yet.
 * @throws UserError when there is no such directory, and when a file fails
 */
export async function readManifests(
  directory: string,
  options: Pick<LoadOptions, 'importModule'> = {},
): Promise<KubernetesObject[]> {
  return synthesize(...(await readApps(directory, options)));
}

/** The apps of a directory, each as its file made it. */
export async function readApps(directory: string, options: Pick<LoadOptions, 'importModule'> = {}): Promise<App[]> {
  const apps: App[] = [];
  for (const file of manifestFiles(resolve(directory))) apps.push(...(await appsIn(file, directory, options)));
  return apps;
}

/**
 * The objects of all applications in a directory, checked, in the order in which they are applied.
 * @throws UserError when there is no such directory, when a file fails, and with all mistakes that can be found without a cluster at once
 */
export async function loadManifests(directory: string, options: LoadOptions = {}): Promise<KubernetesObject[]> {
  const objects = await readManifests(directory, options);
  const findings = validate(objects);
  for (const finding of findings) if (finding.severity === 'warning') options.onWarning?.(finding);
  refuseErrors(findings);
  return objects;
}

async function appsIn(file: string, directory: string, options: LoadOptions): Promise<App[]> {
  const name = relative(resolve(directory), file).slice(0, -extname(file).length).split(sep).join('.');
  if (DATA.test(extname(file))) {
    const app = new App();
    includeYamlFile(new Chart(app, name), relative(process.cwd(), file));
    return [app];
  }
  const importModule = options.importModule ?? importWithTsx;
  let exported: unknown;
  const apps = await appsMadeBy(async () => {
    exported = await runFile(file, importModule);
  });
  const plain = plainObjectsIn(exported);
  if (plain.length === 0) return apps;
  const app = new App();
  const chart = new Chart(app, name);
  for (const object of plain) includeObject(chart, object, { file, line: 1 });
  return [...apps, app];
}

async function runFile(file: string, importModule: (file: string) => Promise<unknown>): Promise<unknown> {
  try {
    return await importModule(file);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'UserError') throw cause;
    throw new UserError(
      'ManifestFailed',
      `${relative(process.cwd(), file)} failed: ${reasonOf(cause)}`,
      'Correct the file.',
    );
  }
}

/** The message, and the line of the user's program it comes from. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const source = sourceOf(cause);
  const where =
    source === undefined || source.file.includes('node_modules')
      ? ''
      : ` (${relative(process.cwd(), source.file)}:${source.line})`;
  return `${cause.message}${where}`;
}

/** Exports of a module that are Kubernetes objects, or arrays of them; a default export may be seen twice. */
function plainObjectsIn(exported: unknown): KubernetesObject[] {
  const found = new Set<KubernetesObject>();
  const look = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) look(item, depth);
    else if (isPlainObject(value)) found.add(value);
    else if (depth > 0 && !('node' in value)) for (const field of Object.values(value)) look(field, depth - 1);
  };
  look(exported, 2);
  return [...found];
}

function isPlainObject(value: object): value is KubernetesObject {
  const { apiVersion, kind, node } = value as KubernetesObject & { node?: unknown };
  return typeof apiVersion === 'string' && typeof kind === 'string' && node === undefined;
}

/**
 * Through `require`, also for ES modules, which tsx rewrites: that way a manifest shares its copy of this library with its
 * loader. Only top-level `await` needs a real `import`.
 */
async function importWithTsx(file: string): Promise<unknown> {
  try {
    return requireWithTsx(file);
  } catch (cause) {
    if (!(cause instanceof Error && /top-level await/i.test(cause.message))) throw cause;
    // The ES module of tsx: its CommonJS twin looks for its own files in the wrong directory.
    const { tsImport } = await import('tsx/esm/api');
    return tsImport(pathToFileURL(file).href, { parentURL: pathToFileURL(__filename).href });
  }
}

function requireWithTsx(file: string): unknown {
  const { register } = require('tsx/cjs/api') as typeof import('tsx/cjs/api');
  const unregister = register();
  try {
    return require(file);
  } finally {
    unregister();
    // The lines of findings are looked up when they are printed, which is later.
    process.setSourceMapsEnabled(true);
  }
}

/** All manifest files below a directory, sorted by path. */
export function manifestFiles(directory: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(directory);
  } catch {
    throw new UserError('NoManifests', `there is no directory ${directory}`, 'Make it, or name another one.');
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return manifestFiles(path);
      return isManifest(path) ? [path] : [];
    });
}

const readEntries = (directory: string) => readdirSync(directory, { withFileTypes: true });

function isManifest(file: string): boolean {
  const extension = extname(file);
  if (DATA.test(extension)) return true;
  return PROGRAM.test(extension) && !/\.(?:d|test|spec)\.[cm]?[jt]sx?$/.test(basename(file));
}
