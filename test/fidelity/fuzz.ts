/**
 * Hostile input: objects that were valid once, broken by chance, and objects that the schema of every kind allows and nothing
 * else does. Whatever comes, the server answers with a Status of its own and lives on: an exception that nobody caught is a
 * failure. The same seed sends the same requests.
 */
import { discovery } from '../../lib/kubernetes/schema/discovery.generated';
import { type Schema, trySchemaOf } from '../../lib/kubernetes/schema/schema';
import { Random } from '../../lib/simulator/random';
import { createWorld, type World } from './replay';
import type { Scenario } from './scenario';
import { categories, loadScenarios } from './score';

const NAMESPACE = 'fuzz';

interface Target {
  /** `/api/v1/namespaces/fuzz/pods` */
  readonly collection: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: Schema | undefined;
  readonly subresources: readonly string[];
  /** Bodies that the real server accepted. */
  readonly seeds: any[];
}

export interface Finding {
  readonly request: string;
  readonly body: string;
  readonly answer: string;
}

export interface FuzzReport {
  readonly requests: number;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly findings: readonly Finding[];
  readonly healthy: boolean;
}

/** Sends `count` stories of a few requests each. */
export function fuzz(seed: number, count: number): FuzzReport {
  return new Fuzzer(seed).run(count);
}

const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/json-patch+json',
];
const FORMS = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/yaml',
];

class Fuzzer {
  private readonly random: Random;
  private readonly world: World = createWorld();
  private readonly targets = allTargets();
  private readonly findings: Finding[] = [];
  private readonly byStatus = new Map<number, number>();
  private requests = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  }

  run(count: number): FuzzReport {
    for (let i = 0; i < count; i++) this.story(this.targets[i % this.targets.length]!, i);
    return {
      requests: this.requests,
      byStatus: this.byStatus,
      findings: this.findings,
      healthy: this.isHealthy(),
    };
  }

  /** One object's life: made, read, changed in every way, deleted. */
  private story(target: Target, i: number): void {
    const name = `f${i}`;
    const original = this.objectOf(target, name);
    const dryRun = this.chance(4) ? '?dryRun=All' : '';
    const created = this.send('POST', `${target.collection}${dryRun}`, this.mutated(original));
    // What was refused broken may be fine as it was.
    if (created !== 201) this.send('POST', target.collection, original);
    const path = `${target.collection}/${name}`;
    this.send('GET', this.chance(2) ? path : `${target.collection}?limit=3`, undefined, {
      accept: this.pick(FORMS),
    });
    this.send('PUT', path, this.mutated(original));
    this.patch(path, original);
    for (const subresource of target.subresources) {
      this.send('PUT', `${path}/${subresource}`, this.mutated({ ...original, status: this.fragment(target) }));
      this.patch(`${path}/${subresource}`, { ...original, status: this.fragment(target) });
    }
    const options = this.mutated({
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      preconditions: { uid: '' },
    });
    this.send('DELETE', path, this.chance(2) ? options : undefined);
  }

  private patch(path: string, original: any): void {
    const type = this.pick(PATCH_TYPES);
    const pointer = `/${this.pick(Object.keys(original))}`;
    const value = this.mutated({ v: original }).v;
    const operation = { op: this.pick(['add', 'replace', 'remove', 'test', 'move', 'copy']), path: pointer, value };
    const body = type.includes('json-patch')
      ? [this.chance(2) ? operation : this.mutated(operation)]
      : this.mutated(original);
    const query = type.includes('apply') ? '?fieldManager=f&force=true' : '';
    this.send('PATCH', `${path}${query}`, body, { 'content-type': type });
  }

  private objectOf(target: Target, name: string): any {
    const useSeed = target.seeds.length > 0 && !this.chance(3);
    const object = useSeed
      ? structuredClone(this.pick(target.seeds))
      : target.schema
        ? Object(this.generated(target.schema, 0))
        : {};
    const { name: _name, namespace: _namespace, generateName: _generateName, ...metadata } = object.metadata ?? {};
    return { ...object, apiVersion: target.apiVersion, kind: target.kind, metadata: { ...metadata, name } };
  }

  private fragment({ schema }: Target): unknown {
    const status = schema?.fields?.get('status');
    return status ? this.generated(status, 0) : {};
  }

  /** Any value that the schema allows, and here and there one that it does not. */
  private generated(schema: Schema, depth: number): any {
    if (this.chance(40)) return this.hostile();
    switch (schema.type) {
      case 'struct': {
        const out: Record<string, unknown> = {};
        for (const [name, field] of schema.fields ?? []) {
          if (depth < 7 && !this.chance(depth < 2 ? 2 : 3)) out[name] = this.generated(field, depth + 1);
        }
        return out;
      }
      case 'map':
        return { a: this.generated(schema.values!, depth + 1), 'b.io/c': this.generated(schema.values!, depth + 1) };
      case 'list':
        return Array.from({ length: this.below(3) }, () => this.generated(schema.items!, depth + 1));
      case 'integer':
      case 'number':
        return this.pick([0, 1, -1, 80, 70_000, 2 ** 31 - 1, 2 ** 53]);
      case 'boolean':
        return this.chance(2);
      case 'string':
        if (schema.format === 'date-time') return this.pick(['2024-01-02T03:04:05Z', 'yesterday']);
        return this.pick(schema.enum ?? ['', 'a', '1', '10Gi', '10.0.0.1', 'x/y', 'A_b', '*', '25%', 'Always']);
      default:
        return this.pick<unknown>([{}, { a: 1 }, null, 'x', [1]]);
    }
  }

  private mutated(original: any): any {
    const copy = structuredClone(original);
    for (let i = this.below(4); i >= 0; i--) this.breakSomething(copy);
    return copy;
  }

  private breakSomething(root: any): void {
    let node = root;
    for (;;) {
      if (typeof node !== 'object' || node === null) return;
      const keys = Object.keys(node).filter((key) => node !== root || !/^(apiVersion|kind)$/.test(key));
      if (keys.length === 0) return;
      const key = this.pick(keys);
      const child = node[key];
      if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && !this.chance(4)) {
        node = child;
        continue;
      }
      if (this.chance(4)) delete node[key];
      else if (this.chance(8) && Array.isArray(node)) node.push(structuredClone(child));
      else node[key] = this.hostile();
      return;
    }
  }

  private hostile(): unknown {
    return this.pick<unknown>([
      null,
      '',
      ' ',
      'x'.repeat(300),
      '\u0000',
      '\ud800',
      '__proto__',
      -1,
      0,
      1.5,
      2 ** 31,
      1e30,
      true,
      false,
      [],
      {},
      [null],
      [{}],
      [[]],
      ['a', 'a'],
      { constructor: 'x', toString: 1 },
      JSON.parse('{"__proto__":{"a":1}}'),
      { a: null },
    ]);
  }

  private send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): number {
    const [pathname = '', query = ''] = path.split('?');
    const text = body === undefined ? '' : JSON.stringify(body);
    this.requests++;
    const answer = this.world.door.answer({
      method,
      path: pathname,
      query: new URLSearchParams(query),
      headers: {
        authorization: 'Bearer admin',
        accept: 'application/json',
        ...(text === '' ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: Buffer.from(text),
    });
    this.world.simulation.runReady();
    if (!('status' in answer)) return 200;
    this.byStatus.set(answer.status, (this.byStatus.get(answer.status) ?? 0) + 1);
    // An exception comes with its stack.
    if (answer.status >= 500 && /\\n {4}at /.test(answer.body)) {
      this.findings.push({ request: `${method} ${path}`, body: text, answer: answer.body });
    }
    return answer.status;
  }

  private isHealthy(): boolean {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'healthy' }, data: { a: 'b' } };
    const made = this.send('POST', `/api/v1/namespaces/${NAMESPACE}/configmaps`, object);
    const isPolluted = ({} as Record<string, unknown>).a !== undefined;
    return made === 201 && this.send('GET', '/healthz') === 200 && !isPolluted;
  }

  private chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  private below(limit: number): number {
    return this.random.uint32() % limit;
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

/** Every resource that can be created, with what the recordings know of it. */
function allTargets(): Target[] {
  const seeds = seedsByCollection();
  const targets: Target[] = [];
  for (const { group, versions } of discovery) {
    for (const { version, resources } of versions) {
      const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      for (const { resource, responseKind, scope, verbs, subresources = [] } of resources) {
        // Namespaces are the ground that everything stands on.
        if (!verbs.includes('create') || resource === 'namespaces') continue;
        const collection = `${base}/${scope === 'Namespaced' ? `namespaces/${NAMESPACE}/` : ''}${resource}`;
        targets.push({
          collection,
          apiVersion: group === '' ? version : `${group}/${version}`,
          kind: responseKind.kind,
          schema: trySchemaOf(group, version, responseKind.kind),
          subresources: subresources.map((each) => each.subresource).filter((each) => each !== 'proxy'),
          seeds: seeds.get(collection) ?? [],
        });
      }
    }
  }
  return targets;
}

const MAX_SEEDS = 12;

function seedsByCollection(): Map<string, any[]> {
  const found = new Map<string, any[]>();
  for (const category of categories()) {
    for (const scenario of loadScenarios(category) as Scenario[]) {
      for (const { req, res } of scenario.steps) {
        if (req?.method !== 'POST' || res?.status !== 201 || typeof req.body !== 'object') continue;
        const collection = req.path.replace(/\?.*/, '').replace(/\/namespaces\/[^/]+\//, `/namespaces/${NAMESPACE}/`);
        const list = found.get(collection) ?? [];
        if (list.length < MAX_SEEDS) list.push(req.body);
        found.set(collection, list);
      }
    }
  }
  return found;
}
