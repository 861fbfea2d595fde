import {
  apply,
  type ManagedType,
  managerFromUserAgent,
  trackUpdate,
} from '../../../lib/kubernetes/merge/managed-fields';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { decode } from '../../../lib/kubernetes/schema/decode';
import { trySchemaOf } from '../../../lib/kubernetes/schema/schema';
import { StatusError } from '../../../lib/kubernetes/status-error';

function typeOf(apiVersion: string, kind: string, more: Partial<ManagedType> = {}): ManagedType {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const schema = trySchemaOf(group!, version!, kind)!;
  return { apiVersion, kind, schema, empty: decode(schema, {}).value, resetFields: [['status']], ...more };
}

const CONFIG_MAP = typeOf('v1', 'ConfigMap', { resetFields: undefined });
const SERVICE = typeOf('v1', 'Service');
const DEPLOYMENT = typeOf('apps/v1', 'Deployment');

/** One object under the hands of several managers; a second passes between two writes. */
class Story {
  object: KubernetesObject | undefined;
  private seconds = 0;

  constructor(private readonly type: ManagedType) {}

  private now(): string {
    return new Date(Date.UTC(2024, 0, 1) + this.seconds++ * 1000).toISOString().replace('.000', '');
  }

  apply(manager: string, fields: object, options: { force?: boolean } = {}): { changed: boolean } {
    const config = { apiVersion: this.type.apiVersion, kind: this.type.kind, metadata: { name: 'x' }, ...fields };
    const result = apply(this.type, { live: this.object, config, manager, now: this.now(), ...options });
    const object = decode(this.type.schema, result.object).value;
    this.object = this.withEntries(object, result.managedFields);
    return result;
  }

  update(manager: string, fields: object, metadata: object = {}): void {
    const next: any = { apiVersion: this.type.apiVersion, kind: this.type.kind, ...fields };
    next.metadata = { name: 'x', ...metadata };
    const entries = trackUpdate(this.type, { live: this.object, next, manager, now: this.now() });
    this.object = this.withEntries(next, entries);
  }

  private withEntries(object: any, managedFields: unknown): KubernetesObject {
    const { managedFields: _, ...metadata } = object.metadata ?? {};
    return { ...object, metadata: { ...metadata, uid: 'u', ...(managedFields ? { managedFields } : {}) } };
  }

  owners(): Record<string, object> {
    const entries = this.object?.metadata.managedFields ?? [];
    return Object.fromEntries(entries.map((e) => [`${e.manager} ${e.operation}`, e.fieldsV1 as object]));
  }

  times(): Record<string, string | undefined> {
    return Object.fromEntries(
      (this.object?.metadata.managedFields ?? []).map((e) => [e.manager, e.time?.slice(17, 19)]),
    );
  }
}

function conflict(run: () => unknown): StatusError {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('expected a StatusError');
}

describe('server-side apply', () => {
  it('gives each manager the fields it applies and keeps the fields of the others', () => {
    const story = new Story(CONFIG_MAP);
    story.apply('m1', { data: { k: '1' } });
    story.apply('m2', { data: { l: '2' } });
    expect(story.object!.data).toEqual({ k: '1', l: '2' });
    expect(story.owners()).toEqual({
      'm1 Apply': { 'f:data': { 'f:k': {} } },
      'm2 Apply': { 'f:data': { 'f:l': {} } },
    });
  });

  it('removes what its only owner no longer applies', () => {
    const story = new Story(CONFIG_MAP);
    story.apply('m1', { data: { k: '1', l: '1' } });
    story.apply('m2', { data: { l: '1' } });
    story.apply('m1', {});
    expect(story.object!.data).toEqual({ l: '1' });
    expect(Object.keys(story.owners())).toEqual(['m2 Apply']);
  });

  it('refuses to overwrite a field of another manager, unless forced', () => {
    const story = new Story(CONFIG_MAP);
    story.apply('m1', { data: { k: '1' } });
    const error = conflict(() => story.apply('m2', { data: { k: '2' } }));
    expect(error.toStatus()).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "m1": .data.k',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.k' }] },
    });
    story.apply('m2', { data: { k: '2' } }, { force: true });
    expect(story.owners()).toEqual({ 'm2 Apply': { 'f:data': { 'f:k': {} } } });
  });

  it('lists several conflicts by manager, and says in which version an update was made', () => {
    const story = new Story(CONFIG_MAP);
    story.update('kubectl-edit', { data: { a: '1', b: '1' } });
    const { message } = conflict(() => story.apply('m', { data: { a: '2', b: '2' } }));
    expect(message).toBe(
      'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using v1:\n- .data.a\n- .data.b',
    );
  });

  it('shares a field that two managers apply with the same value, without touching the time', () => {
    const story = new Story(CONFIG_MAP);
    story.apply('m1', { data: { k: '1' } });
    expect(story.apply('m2', { data: { k: '1' } }).changed).toBe(false);
    expect(story.times()).toEqual({ m1: '00', m2: undefined });
  });

  it('changes nothing when nothing changes', () => {
    const story = new Story(CONFIG_MAP);
    story.apply('m1', { data: { k: '1' } });
    const before = structuredClone(story.object);
    expect(story.apply('m1', { data: { k: '1' } }).changed).toBe(false);
    expect(story.object).toEqual(before);
  });

  it('fills in the default of a missing list key', () => {
    const story = new Story(SERVICE);
    story.apply('m1', { spec: { ports: [{ port: 53 }, { port: 53, protocol: 'UDP', name: 'u' }] } });
    expect(story.owners()['m1 Apply']).toEqual({
      'f:spec': {
        'f:ports': {
          'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
          'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {} },
        },
      },
    });
  });

  it('owns an atomic map as one leaf', () => {
    const story = new Story(SERVICE);
    story.apply('m1', { spec: { selector: { a: '1' } } });
    const { details } = conflict(() => story.apply('m2', { spec: { selector: { b: '2' } } }));
    expect(details?.causes?.map((cause) => cause.field)).toEqual(['.spec.selector']);
  });

  it('keeps live-only list items in their place among the applied ones', () => {
    const story = new Story(DEPLOYMENT);
    const containers = (...names: string[]) => ({
      spec: { template: { spec: { containers: names.map((name) => ({ name })) } } },
    });
    const names = () => story.object!.spec.template.spec.containers.map((c: any) => c.name);
    story.apply('m1', containers('a', 'b', 'c', 'd'));
    story.apply('m2', containers('d', 'b'), { force: true });
    expect(names()).toEqual(['a', 'c', 'd', 'b']);
    story.apply('m2', containers('z', 'd'));
    expect(names()).toEqual(['a', 'c', 'z', 'd', 'b']);
  });

  it('takes over from kubectl apply where the annotation still speaks for the live value', () => {
    const lastApplied = (k: string) => ({
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'x' },
          data: { k },
        }),
      },
    });
    const story = new Story(CONFIG_MAP);
    story.update('kubectl-client-side-apply', { data: { k: '1' } }, lastApplied('1'));
    story.apply('kubectl', { data: { k: '2' } });
    expect(story.object!.data).toEqual({ k: '2' });
    expect(story.object!.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"v1","data":{"k":"2"},"kind":"ConfigMap","metadata":{"name":"x"}}\n',
    });

    const changedSince = new Story(CONFIG_MAP);
    changedSince.update('kubectl-client-side-apply', { data: { k: 'other' } }, lastApplied('1'));
    expect(conflict(() => changedSince.apply('kubectl', { data: { k: '2' } })).code).toBe(409);
  });

  it('says that fields without an entry were there before the first apply', () => {
    const story = new Story(CONFIG_MAP);
    story.object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', uid: 'u' }, data: { old: '1' } };
    story.apply('m', { data: { k: '1' } });
    expect(story.owners()).toEqual({
      'm Apply': { 'f:data': { 'f:k': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:old': {} } },
    });
  });

  it.each<[object, number, string]>([
    [
      { spec: { replica: 1 } },
      500,
      'failed to create typed patch object (/x; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema',
    ],
    [
      { spec: { replicas: 'a' } },
      500,
      'failed to create typed patch object (/x; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
    ],
    [{ kind: 'Pod' }, 400, 'invalid object type: apps/v1, Kind=Pod'],
    [{ metadata: { name: 'x', managedFields: [] } }, 400, 'metadata.managedFields must be nil'],
    [
      { spec: { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } } },
      500,
      'failed to create typed patch object (/x; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="c"]',
    ],
  ])('refuses %j', (fields, code, message) => {
    expect(conflict(() => new Story(DEPLOYMENT).apply('m', fields))).toMatchObject({ code, message });
  });
});

describe('update tracking', () => {
  it('gives a creator every field, but not those that the empty object has', () => {
    const story = new Story(DEPLOYMENT);
    story.update('c', { spec: { replicas: 1, template: { spec: { containers: [{ name: 'c', resources: {} }] } } } });
    expect(story.owners()['c Update']).toEqual({
      'f:spec': {
        'f:replicas': {},
        'f:template': {
          'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
        },
      },
    });
  });

  it('moves what changed to whoever changed it and forgets what is gone', () => {
    const story = new Story(CONFIG_MAP);
    story.update('a', { data: { k: '1', l: '1', m: '1' } });
    story.update('b', { data: { k: '2', l: '1' } });
    expect(story.owners()).toEqual({
      'a Update': { 'f:data': { '.': {}, 'f:l': {} } },
      'b Update': { 'f:data': { 'f:k': {} } },
    });
  });

  it('leaves the fields of the other endpoint alone', () => {
    const story = new Story({ ...DEPLOYMENT, subresource: 'status', resetFields: [['spec']] });
    story.update('kubelet', { spec: { replicas: 3 }, status: { replicas: 2 } });
    expect(story.object!.metadata.managedFields).toMatchObject([
      { manager: 'kubelet', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } },
    ]);
  });

  it.each([[[]], [[{}]]])('forgets all managers when a client sends %j', (managedFields) => {
    const story = new Story(CONFIG_MAP);
    story.update('a', { data: { k: '1' } });
    story.update('b', { data: { k: '2' } }, { managedFields });
    expect(story.owners()).toEqual({});
  });

  it('keeps ten update managers and merges the oldest into ancient-changes', () => {
    const story = new Story(CONFIG_MAP);
    const data: Record<string, string> = {};
    for (let i = 0; i < 12; i++) {
      data[`k${i}`] = '1';
      story.update(`m${i}`, { data: { ...data } });
    }
    const owners = story.owners();
    expect(Object.keys(owners)).toHaveLength(10);
    expect(Object.keys(owners)[0]).toBe('ancient-changes Update');
    expect(Object.keys((owners['ancient-changes Update'] as any)['f:data'])).toEqual(['.', 'f:k0', 'f:k1', 'f:k2']);
  });

  it('names a manager after its User-Agent', () => {
    expect(managerFromUserAgent('kubectl/v1.35.2 (linux/amd64)')).toBe('kubectl');
    expect(managerFromUserAgent('x'.repeat(200))).toHaveLength(128);
  });
});
