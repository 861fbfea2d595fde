/** Small programs that work on files: cat, ls, mkdir, touch, rm, cp, mv, and the file tests. */
import { FileError } from '../container-files';
import type { CommandContext, ShellCommand } from './commands';
import { evaluate } from './text-commands';

export const fileCommands: Readonly<Record<string, ShellCommand>> = {
  *cat(args, { state, streams }) {
    const paths = args.filter((arg) => !/^-\w/.test(arg));
    const read = (path: string) =>
      streams.out(specialFile(path, state.container) ?? state.container.files.read(state.resolvePath(path)));
    let code = 0;
    for (const path of paths.length > 0 ? paths : ['-']) {
      if (path !== '-') code = Math.max(code, eachPath('cat', [path], streams, read, "can't open"));
      // What is typed comes out as it comes.
      else
        for (let text = yield* streams.stdin.chunk(); text !== ''; text = yield* streams.stdin.chunk())
          streams.out(text);
    }
    return code;
  },
  ls(args, { state, streams }) {
    const { files } = state.container;
    const long = args.some((arg) => /^-\w*l/.test(arg));
    const paths = args.filter((arg) => !/^-\w/.test(arg));
    return eachPath('ls', paths.length > 0 ? paths : ['.'], streams, (path) => {
      const full = state.resolvePath(path);
      if (!files.isDirectory(full)) {
        if (!files.tryRead(full)) throw new FileError('No such file or directory');
        streams.out(`${path}\n`);
        return;
      }
      if (paths.length > 1) streams.out(`${path}:\n`);
      for (const name of files.list(full)) streams.out(`${long ? longName(state, full, name) : name}\n`);
    });
  },
  mkdir(args, { state, streams }) {
    const paths = args.filter((arg) => !arg.startsWith('-'));
    return eachPath(
      'mkdir',
      paths,
      streams,
      (path) => {
        const full = state.resolvePath(path);
        const exists = state.container.files.isDirectory(full);
        if (exists && !args.includes('-p')) throw new FileError('File exists');
        if (!exists) state.container.files.makeDirectory(full);
      },
      "can't create directory",
    );
  },
  touch(args, { state, streams }) {
    return eachPath(
      'touch',
      args.filter((arg) => !arg.startsWith('-')),
      streams,
      (path) => state.container.files.append(state.resolvePath(path), ''),
    );
  },
  rm(args, { state, streams }) {
    const force = args.some((arg) => /^-\w*f/.test(arg));
    const recursive = args.some((arg) => /^-\w*[rR]/.test(arg));
    const { files } = state.container;
    return eachPath(
      'rm',
      args.filter((arg) => !/^-\w/.test(arg)),
      streams,
      (path) => {
        const full = state.resolvePath(path);
        if (recursive && files.isDirectory(full)) {
          files.removeDirectory(full);
          return;
        }
        if (force && !files.tryRead(full)) return;
        files.remove(full);
      },
      "can't remove",
    );
  },
  cp: (args, context) => copy('cp', args, context),
  mv: (args, context) => copy('mv', args, context),
  chmod: () => 0,
  chown: () => 0,
  sync: () => 0,
  test: (args, { state }) => Number(!evaluate(args, fileTest(state))),
  '[': (args, { state }) => Number(!evaluate(args.slice(0, -1), fileTest(state))),
  '[[': (args, { state }) => Number(!evaluate(args.slice(0, -1), fileTest(state))),
};

function eachPath(
  command: string,
  paths: readonly string[],
  streams: CommandContext['streams'],
  act: (path: string) => void,
  verb?: string,
): number {
  let code = 0;
  for (const path of paths) {
    try {
      act(path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      streams.err(`${command}: ${verb ? `${verb} '${path}'` : path}: ${error.message}\n`);
      code = 1;
    }
  }
  return code;
}

function specialFile(
  path: string,
  { hostName, podIp, files }: CommandContext['state']['container'],
): string | undefined {
  if (path === '/dev/null') return '';
  if (files.tryRead(path)) return undefined;
  if (path === '/etc/hostname') return `${hostName}\n`;
  if (path === '/etc/hosts') return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${podIp}\t${hostName}\n`;
  return undefined;
}

function longName(state: CommandContext['state'], directory: string, name: string): string {
  const full = `${directory === '/' ? '' : directory}/${name}`;
  const file = state.container.files.tryRead(full);
  const bits = (file?.mode ?? 0o755).toString(8).slice(-3);
  const letters = [...bits]
    .map((digit) => ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'][Number(digit)])
    .join('');
  return `${file ? '-' : 'd'}${letters}    1 root     root     ${String(file?.text.length ?? 4096).padStart(9)} ${name}`;
}

function copy(command: 'cp' | 'mv', args: readonly string[], { state, streams }: CommandContext): number {
  const { files } = state.container;
  const paths = args.filter((arg) => !/^-\w/.test(arg));
  const target = state.resolvePath(paths[paths.length - 1] ?? '.');
  return eachPath(command, paths.slice(0, -1), streams, (path) => {
    const source = state.resolvePath(path);
    const name = source.slice(source.lastIndexOf('/') + 1);
    files.write(files.isDirectory(target) ? `${target}/${name}` : target, files.read(source));
    if (command === 'mv') files.remove(source);
  });
}

function fileTest(state: CommandContext['state']) {
  const { files } = state.container;
  return (kind: string, path: string): boolean => {
    const full = state.resolvePath(path);
    if (kind === '-d') return files.isDirectory(full);
    const file = files.tryRead(full);
    if (kind === '-s') return file !== undefined && file.text !== '';
    if (kind === '-f') return file !== undefined;
    return file !== undefined || files.isDirectory(full);
  };
}
