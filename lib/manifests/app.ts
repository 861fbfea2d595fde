/**
 * The root of a program that makes Kubernetes objects.
 */
import { Construct } from 'constructs';
import type { KubernetesObject } from '../kubernetes/object';
import { writeJson } from './json-writer';
import { type ScopeProps, setScopeProps } from './scope-props';
import { synthesize } from './synthesis';
import { writeYaml } from './yaml-writer';

/**
 * @example
 * const app = new App();
 * const web = new Chart(app, 'web', { namespace: 'web' });
 * new ConfigMap(web, 'settings', { data: { GREETING: 'hello' } });
 * console.log(app.toYaml());
 */
export class App extends Construct {
  constructor(props: AppProps = {}) {
    super(undefined as never, '');
    setScopeProps(this, props);
    for (const listener of listeners()) listener(this);
  }

  /**
   * All objects of the app, in the order in which they are applied. Asking twice gives the same answer twice.
   * @throws UserError when two constructs make the same object
   */
  synth(): KubernetesObject[] {
    return synthesize(this);
  }

  /** The objects as a stream of YAML documents. */
  toYaml(): string {
    return writeYaml(this.synth());
  }

  /** The objects as one `List`, which kubectl reads like YAML and faster. */
  toJson(): string {
    return writeJson(this.synth());
  }
}

export interface AppProps extends ScopeProps {}

type Listener = (app: App) => void;
const LISTENERS = Symbol.for('eks-drydock.App.listeners');

/** Shared by all copies of this library in one process: a manifest may load another one than its loader. */
function listeners(): Set<Listener> {
  const shared = globalThis as { [LISTENERS]?: Set<Listener> };
  shared[LISTENERS] ??= new Set();
  return shared[LISTENERS];
}

/** Collects the apps that are made while `load` runs. A manifest file is a program that makes an App; nobody must export it. */
export async function appsMadeBy(load: () => Promise<unknown>): Promise<App[]> {
  const made: App[] = [];
  const listener: Listener = (app) => made.push(app);
  listeners().add(listener);
  try {
    await load();
  } finally {
    listeners().delete(listener);
  }
  return made;
}
