/** The engine on a bad line: whatever fails now and then, the end is the same. */
import { type ApiRequest, type Transport, TransportError } from '../../lib/apply';
import { StatusError } from '../../lib/kubernetes/status-error';
import { Random } from '../../lib/simulator/random';
import { configMap, deployment, namespace, setStage } from './stage';

const status = (code: number, reason: string, message: string, retryAfterSeconds?: number) => ({
  status: code,
  headers: {},
  body: new StatusError(code, reason, message, retryAfterSeconds ? { retryAfterSeconds } : {}).toStatus(),
});

/** Loses requests and answers, refuses for a while, and cuts watches. */
function badLine(seed: number) {
  const random = new Random(seed);
  let faults = 0;
  const reset = () => new TransportError('connection reset', 'ECONNRESET');
  const between = (line: Transport): Transport => ({
    ...line,
    request: async (request: ApiRequest) => {
      const chance = random.int(20);
      if (chance < 5) faults++;
      if (chance === 0) throw reset();
      if (chance === 1) return status(429, 'TooManyRequests', 'too many requests', 1);
      if (chance === 2) return status(500, '', 'etcdserver: leader changed');
      if (chance === 3) return status(500, 'InternalError', 'Internal error occurred: failed calling webhook "x"');
      const response = await line.request(request);
      // The server did it, and we never hear of it.
      if (chance === 4) throw reset();
      return response;
    },
    async *watch(request, signal) {
      for await (const event of line.watch(request, signal)) {
        yield event;
        if (random.int(6) === 0) {
          faults++;
          if (random.int(2) === 0) throw reset();
          return;
        }
      }
    },
  });
  return { between, count: () => faults };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('with seed %i', async (seed) => {
  const line = badLine(seed);
  const stage = setStage({ between: line.between });
  const objects = [namespace('shop'), configMap('settings', {}, 'shop'), deployment('web', {}, 'shop')];
  expect((await stage.apply(objects)).outcome).toBe('succeeded');
  expect((await stage.apply(objects.slice(0, 2))).outcome).toBe('succeeded');
  expect(stage.client.tryGet('deployments.apps', 'shop', 'web')).toBeUndefined();
  expect((await stage.destroy()).outcome).toBe('succeeded');
  expect(stage.client.tryGet('namespaces', undefined, 'shop')).toBeUndefined();
  expect(line.count()).toBeGreaterThan(3);
});

test('a server that never answers is given up, and the object says so', async () => {
  let dead = false;
  const between = (line: Transport): Transport => ({
    ...line,
    request: async (request) => {
      if (dead && request.method === 'PATCH' && request.path.endsWith('/settings')) {
        throw new TransportError('connect ECONNREFUSED 192.0.2.1:443', 'ECONNREFUSED');
      }
      return line.request(request);
    },
  });
  const stage = setStage({ between });
  const { outcome } = await stage.apply([configMap('settings'), configMap('other')], {
    confirm: () => {
      dead = true;
      return true;
    },
  });
  expect(outcome).toBe('failed');
  expect(stage.said()).toContain('configmap/settings failed: connect ECONNREFUSED 192.0.2.1:443');
  expect(stage.client.tryGet('configmaps', 'default', 'other')).toBeDefined();
});

test('a crash between two writes loses sight of nothing: teardown still finds all that was made', async () => {
  let writes = 0;
  const between = (line: Transport): Transport => ({
    ...line,
    request: async (request) => {
      const writing = request.method === 'PATCH' && request.query?.dryRun === undefined;
      if (writing && ++writes === 12) throw new Error('killed');
      return line.request(request);
    },
  });
  const stage = setStage({ between });
  const objects = Array.from({ length: 30 }, (_, index) => configMap(`settings-${index}`));
  const settings = () =>
    stage.client
      .list('configmaps', { namespace: 'default' })
      .filter(({ metadata }) => metadata.name?.startsWith('settings'));
  await expect(stage.apply(objects, { concurrency: 1 })).rejects.toThrow('killed');
  const made = settings().length;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(30);
  expect((await stage.destroy()).outcome).toBe('succeeded');
  expect(settings()).toEqual([]);
});
