/**
 * The file system of one container: the image's own files, with volumes mounted over them.
 * https://kubernetes.io/docs/concepts/storage/volumes/
 *
 * We keep text and permission bits of regular files, and which directories exist. No links, no owners, no times.
 */

export interface FileEntry {
  readonly text: string;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
}

/** A tree of files, by path relative to its root (`conf/app.ini`). A volume, or what an image holds. */
export interface FileTree {
  read(path: string): FileEntry | undefined;
  /** Paths of all files. */
  paths(): Iterable<string>;
  /** Directories that exist without a file in them. */
  directories?(): Iterable<string>;
  /** Absent on a tree that cannot be written to. */
  write?(path: string, entry: FileEntry): void;
  remove?(path: string): void;
  makeDirectory?(path: string): void;
}

export interface Mount {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  readonly tree: FileTree;
  readonly readOnly: boolean;
  /** Only this part of the tree, which may be a single file. */
  readonly subPath?: string;
}

/** A tree in memory that can be written to: emptyDir, a persistent volume, a container's own layer. */
export class MemoryTree implements FileTree {
  private readonly files = new Map<string, FileEntry>();
  private readonly made = new Set<string>();

  read(path: string): FileEntry | undefined {
    return this.files.get(path);
  }
  paths(): Iterable<string> {
    return this.files.keys();
  }
  directories(): Iterable<string> {
    return this.made;
  }
  write(path: string, entry: FileEntry): void {
    this.files.set(path, entry);
  }
  remove(path: string): void {
    this.files.delete(path);
    this.made.delete(path);
  }
  makeDirectory(path: string): void {
    this.made.add(path);
  }
}

/** A tree that is computed when it is looked at: a ConfigMap, a Secret, the downward API. */
export function computedTree(files: () => ReadonlyMap<string, FileEntry>): FileTree {
  return { read: (path) => files().get(path), paths: () => files().keys() };
}

/** A tree as it is now, whatever becomes of it. */
export function frozenTree(tree: FileTree): FileTree {
  const files = new Map([...tree.paths()].map((path) => [path, tree.read(path)!]));
  return computedTree(() => files);
}

/** Thrown with the words of the C library: `No such file or directory`. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

export class ContainerFiles {
  private readonly own = new MemoryTree();
  private readonly mounts: readonly Mount[];

  constructor(
    private readonly imageFiles: Readonly<Record<string, string>>,
    mounts: readonly Mount[],
    /** Only volumes can be written to (`readOnlyRootFilesystem`); /dev is one. @default false */
    private readonly readOnlyRoot = false,
  ) {
    // The deepest mount of a path is the one that counts.
    this.mounts = [...mounts].sort((a, b) => b.path.length - a.path.length);
  }

  /** @throws FileError */
  read(path: string): string {
    const found = this.tryRead(path);
    if (found === undefined)
      throw new FileError(this.isDirectory(path) ? 'Is a directory' : 'No such file or directory');
    return found.text;
  }

  tryRead(path: string): FileEntry | undefined {
    const full = normalizePath(path);
    const mounted = this.mountOf(full);
    if (mounted) return mounted.mount.tree.read(mounted.inside);
    const written = this.own.read(full);
    if (written) return written.mode === REMOVED ? undefined : written;
    const text = this.imageFiles[full];
    return text === undefined ? undefined : { text, mode: 0o644 };
  }

  /** @throws FileError */
  write(path: string, text: string, mode = 0o644): void {
    const full = normalizePath(path);
    if (this.isDirectory(full)) throw new FileError('Is a directory');
    const mounted = this.mountOf(full);
    if (!mounted) {
      this.checkWritable(full);
      if (!this.isDirectory(parentOf(full))) throw new FileError('No such file or directory');
      this.own.write(full, { text, mode: this.own.read(full)?.mode || mode });
      return;
    }
    const { mount, inside } = mounted;
    if (mount.readOnly || !mount.tree.write) throw new FileError('Read-only file system');
    mount.tree.write(inside, { text, mode: mount.tree.read(inside)?.mode ?? mode });
  }

  /** @throws FileError */
  append(path: string, text: string): void {
    this.write(path, (this.tryRead(path)?.text ?? '') + text);
  }

  /** @throws FileError */
  remove(path: string): void {
    const full = normalizePath(path);
    if (!this.tryRead(full)) throw new FileError('No such file or directory');
    const mounted = this.mountOf(full);
    if (!mounted) this.checkWritable(full);
    if (!mounted) this.own.write(full, { text: '', mode: REMOVED });
    else if (mounted.mount.readOnly || !mounted.mount.tree.remove) throw new FileError('Read-only file system');
    else mounted.mount.tree.remove(mounted.inside);
  }

  makeDirectory(path: string): void {
    const full = normalizePath(path);
    const mounted = this.mountOf(full);
    if (!mounted) this.checkWritable(full);
    if (!mounted) this.own.makeDirectory(full);
    else if (mounted.mount.readOnly || !mounted.mount.tree.makeDirectory) throw new FileError('Read-only file system');
    else mounted.mount.tree.makeDirectory(mounted.inside);
  }

  /** Removes a directory with all that is in it. @throws FileError */
  removeDirectory(path: string): void {
    const full = normalizePath(path);
    for (const name of this.list(full)) {
      const inside = `${full}/${name}`;
      if (this.tryRead(inside)) this.remove(inside);
      else this.removeDirectory(inside);
    }
    const mounted = this.mountOf(full);
    if (!mounted) this.own.remove(full);
    else mounted.mount.tree.remove?.(mounted.inside);
  }

  isDirectory(path: string): boolean {
    const full = normalizePath(path);
    if (full === '/' || STANDARD_DIRECTORIES.has(full)) return true;
    const prefix = `${full}/`;
    for (const known of this.allPaths()) if (known.startsWith(prefix)) return true;
    return this.allDirectories().some((directory) => directory === full || directory.startsWith(prefix));
  }

  /** The names in a directory, sorted. @throws FileError */
  list(path: string): readonly string[] {
    const full = normalizePath(path);
    if (!this.isDirectory(full)) {
      if (this.tryRead(full)) throw new FileError('Not a directory');
      throw new FileError('No such file or directory');
    }
    const prefix = full === '/' ? '/' : `${full}/`;
    const names = new Set<string>();
    const all = [...this.allPaths(), ...this.allDirectories(), ...(full === '/' ? STANDARD_DIRECTORIES : [])];
    for (const known of all) {
      if (known.startsWith(prefix) && known !== prefix) names.add(known.slice(prefix.length).split('/')[0]!);
    }
    return [...names].sort();
  }

  private checkWritable(full: string): void {
    if (this.readOnlyRoot && !full.startsWith('/dev/')) throw new FileError('Read-only file system');
  }

  private mountOf(full: string): { mount: Mount; inside: string } | undefined {
    for (const mount of this.mounts) {
      if (full !== mount.path && !full.startsWith(`${mount.path}/`)) continue;
      const rest = full === mount.path ? '' : full.slice(mount.path.length + 1);
      const inside = [mount.subPath, rest].filter(Boolean).join('/');
      return { mount, inside };
    }
    return undefined;
  }

  private *allPaths(): Iterable<string> {
    for (const path of Object.keys(this.imageFiles)) if (this.tryRead(path)) yield path;
    for (const path of this.own.paths()) if (this.tryRead(path)) yield path;
    for (const mount of this.mounts) yield* outside(mount, mount.tree.paths());
  }

  private allDirectories(): string[] {
    const mounted = this.mounts.flatMap((mount) => [...outside(mount, mount.tree.directories?.() ?? [])]);
    const points = this.mounts.filter((mount) => !isSingleFile(mount)).map((mount) => mount.path);
    return [...this.own.directories(), ...mounted, ...points];
  }
}

const REMOVED = -1;
const STANDARD_DIRECTORIES = new Set(
  [
    '/bin',
    '/dev',
    '/etc',
    '/home',
    '/opt',
    '/proc',
    '/root',
    '/run',
    '/sys',
    '/tmp',
    '/usr',
    '/var',
    '/var/log',
  ].concat(['/usr/share', '/usr/local', '/var/run', '/var/lib', '/mnt', '/srv']),
);

function isSingleFile({ subPath, tree }: Mount): boolean {
  return subPath !== undefined && tree.read(subPath) !== undefined;
}

/** Paths of a mounted tree, as the container sees them. */
function* outside({ path, subPath }: Mount, paths: Iterable<string>): Iterable<string> {
  for (const inside of paths) {
    if (subPath === undefined) yield `${path}/${inside}`;
    else if (inside === subPath) yield path;
    else if (inside.startsWith(`${subPath}/`)) yield `${path}/${inside.slice(subPath.length + 1)}`;
  }
}

/** `/a/./b/../c/` is `/a/c`. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
