/**
 * tar, as far as `kubectl cp` needs it: it writes and reads uncompressed archives on the standard streams.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * An archive is blocks of 512 bytes: a header for each file (name, mode, size in octal, ...), its contents, two empty ones.
 * File contents are text here, so archives are texts too.
 */
import { FileError } from '../container-files';
import type { Program } from '../image-behaviour';
import type { CommandContext, ShellCommand } from './commands';

const BLOCK = 512;

export const archiveCommands: Readonly<Record<string, ShellCommand>> = {
  tar(args, context) {
    const [first = '', ...rest] = args;
    const letters = first.replace(/^-/, '');
    const directoryAt = args.findIndex((arg) => arg === '-C' || arg === '--directory');
    const directory = directoryAt < 0 ? '.' : (args[directoryAt + 1] ?? '.');
    // `rest` begins with the second argument.
    const isOption = (arg: string, i: number) => arg.startsWith('-') || i === directoryAt;
    if (letters.includes('c')) {
      const paths = rest.filter((arg, i) => !isOption(arg, i));
      return create(paths, context);
    }
    if (letters.includes('x')) return extract(directory, context);
    context.streams.err("tar: You must specify one of the '-cx' options\n");
    return 2;
  },
};

function create(paths: readonly string[], { state, streams }: CommandContext): number {
  const { files } = state.container;
  let archive = '';
  const add = (path: string) => {
    const full = state.resolvePath(path);
    const name = path.replace(/^\/+/, '');
    const file = files.tryRead(full);
    if (file) {
      const size = Buffer.byteLength(file.text);
      archive += header(name, { size, mode: file.mode, type: '0' }) + file.text + padding(size);
      return;
    }
    archive += header(`${name.replace(/\/$/, '')}/`, { size: 0, mode: 0o755, type: '5' });
    for (const child of files.list(full)) add(`${path.replace(/\/$/, '')}/${child}`);
  };
  let code = 0;
  for (const path of paths) {
    try {
      add(path);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      streams.err(`tar: ${path}: Cannot stat: ${error.message}\n`);
      code = 2;
    }
  }
  streams.out(archive + '\0'.repeat(2 * BLOCK));
  return code;
}

/** Example: a file of 600 bytes fills two blocks; 424 zero bytes follow it. */
function padding(size: number): string {
  return '\0'.repeat((BLOCK - (size % BLOCK)) % BLOCK);
}

function header(name: string, { size, mode, type }: { size: number; mode: number; type: string }): string {
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const before = name.slice(0, 100).padEnd(100, '\0') + octal(mode, 8) + octal(0, 8) + octal(0, 8);
  const middle = octal(size, 12) + octal(0, 12);
  const after = `${type}${'\0'.repeat(100)}ustar\x0000${'\0'.repeat(247)}`;
  // The checksum is made with spaces in its own place.
  const sum = [...Buffer.from(`${before}${middle}        ${after}`)].reduce((total, byte) => total + byte, 0);
  return `${before}${middle}${sum.toString(8).padStart(6, '0')}\0 ${after}`;
}

function* extract(directory: string, { state, streams }: CommandContext): Program {
  const archive = Buffer.from(yield* streams.stdin.all());
  const { files } = state.container;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const field = (from: number, length: number) =>
      archive.toString('utf8', at + from, at + from + length).split('\0')[0]!;
    const name = field(0, 100);
    if (name === '') break;
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const target = state.resolvePath(`${directory}/${name}`);
    const type = field(156, 1);
    if (type === '5') files.makeDirectory(target);
    else if (type === '0' || type === '') {
      const text = archive.toString('utf8', at + BLOCK, at + BLOCK + size);
      files.write(target, text, Number.parseInt(field(100, 8), 8) || 0o644);
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return 0;
}
