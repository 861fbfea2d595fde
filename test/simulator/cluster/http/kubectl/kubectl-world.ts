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
