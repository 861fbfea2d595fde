/** One served cluster and its kubectl for all stories of a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningCluster, ServeOptions } from '../../../../../lib/simulator/cluster/serve-cluster';
import { kubectlFor, type Tool } from '../../../../helpers/kubectl';
import { serveCluster } from '../../../../helpers/served-cluster';

export interface KubectlWorld {
  readonly cluster: RunningCluster;
  readonly kubectl: Tool;
  /** Writes a file and answers with its path. */
  file(name: string, text: string): string;
}

/** To be called where tests are declared; the fields are there once they run. */
export function kubectlWorld(options: Partial<ServeOptions> = {}): KubectlWorld {
  jest.setTimeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'drydock-kubectl-world-'));
  const world = {
    file(name: string, text: string) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  } as { -readonly [K in keyof KubectlWorld]: KubectlWorld[K] };
  beforeAll(async () => {
    world.cluster = await serveCluster(options);
    world.kubectl = kubectlFor({ kubeconfig: world.cluster.kubeconfig });
  });
  afterAll(async () => {
    await world.cluster.close();
    world.kubectl.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  return world;
}

/** A command line, and what it prints: a text that is in it, or an expression that matches. `!` in front: it fails. */
export type Step = readonly [command: string, shows: string | RegExp];

/** One test a story: its commands run one after the other. `{name}` stands for the file of that name. */
export function stories(
  world: KubectlWorld,
  table: Readonly<Record<string, readonly Step[]>>,
  files: Record<string, string> = {},
) {
  const paths: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) paths[name] = world.file(name, text);
  test.each(Object.entries(table))('%s', async (_title, steps) => {
    for (const [command, shows] of steps) {
      const fails = command.startsWith('!');
      const args = words(fails ? command.slice(1) : command).map((word) =>
        word.replace(/\{([\w.-]+)\}/g, (whole, name: string) => paths[name] ?? whole),
      );
      const { code, stdout, stderr } = await world.kubectl(...args);
      const all = stdout + stderr;
      const what = `$ kubectl ${command}\n${all}`;
      if (fails !== (code !== 0)) throw new Error(`ended with ${code}: ${what}`);
      const isShown = typeof shows === 'string' ? all.includes(shows) : shows.test(all);
      if (!isShown) throw new Error(`does not show ${shows}: ${what}`);
    }
  });
}

/** Splits at spaces, except between single quotes. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s']+|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}
