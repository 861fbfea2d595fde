/**
 * Completes package-lock.json with the optional packages of other platforms.
 *
 *     node --import tsx tools/complete-lock.ts
 *
 * npm leaves out of the lock file what it could not look up, and `npm ci` then refuses the file. A registry that serves one
 * platform only (a mirror, a proxy with a cache) therefore gives a lock file that works nowhere. This adds the missing
 * entries by version and platform, without which nobody downloads them. Run it after changing dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  version?: string;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

const EXACT_VERSION = /^\d+\.\d+\.\d+/;
const OS = /(darwin|win32|linux|android|freebsd|openharmony|netbsd|openbsd|sunos|aix)/;
const CPU = /(arm64|x64|ia32|loong64|riscv64|ppc64|s390x|mips64el|arm(?=[-e]|$)|wasm32)/;

const file = join(__dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> };

function entryFor(name: string, version: string, dev: boolean): LockEntry {
  const os = OS.exec(name)?.[1];
  const cpu = CPU.exec(name)?.[1];
  const libc = name.includes('musl') ? 'musl' : os === 'linux' && name.includes('gnu') ? 'glibc' : undefined;
  return {
    version,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(dev ? { dev } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages;
    if (known || !EXACT_VERSION.test(version)) continue;
    lock.packages[`node_modules/${name}`] = entryFor(name.split('/').pop()!, version, entry.dev ?? false);
    added++;
  }
}
const { '': root, ...rest } = lock.packages;
const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { '': root!, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} entries added\n`);
