import { hostname, userInfo } from 'node:os';
import { formatMicroTime } from '../../lib/kubernetes/object';
import { configMap, deployment, setStage } from './stage';

const settings = configMap('settings');

/** The Lease of a run, `ageMs` after its last renewal. */
function lease(stage: ReturnType<typeof setStage>, holderIdentity: string, ageMs = 0) {
  const time = formatMicroTime(stage.simulation.clock.now() - ageMs);
  return stage.client.create('leases.coordination.k8s.io', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'drydock-shop', namespace: 'default' },
    spec: { holderIdentity, leaseDurationSeconds: 15, acquireTime: time, renewTime: time },
  });
}

const leases = (stage: ReturnType<typeof setStage>) =>
  stage.client.list('leases.coordination.k8s.io', { namespace: 'default' });

test('a run holds a lease while it works, renews it, and gives it back', async () => {
  const stage = setStage();
  stage.cluster.kubelets!.images.fail('nginx', 'unreachable');
  const during: string[] = [];
  const look = () => {
    during.push(...leases(stage).map(({ spec }) => `${spec.holderIdentity} ${spec.renewTime === spec.acquireTime}`));
  };
  stage.simulation.clock.after(1_000, look);
  stage.simulation.clock.after(21_000, look);
  await stage.apply([settings, deployment('web')], { identity: 'anna', timeout: '30s' });
  expect(during).toEqual(['anna true', 'anna false']);
  expect(leases(stage)).toEqual([]);
});

test('a second run waits, says for whom, and goes on when the first is done', async () => {
  const stage = setStage();
  const first = stage.apply([settings, deployment('web')], { identity: 'anna' });
  const second = stage.apply([settings], { identity: 'bert' });
  expect((await first).outcome).toBe('succeeded');
  expect((await second).outcome).toBe('succeeded');
  const said = stage.said();
  expect(said).toContainEqual(
    expect.stringMatching(/^warning: anna has been changing shop since \S+; waiting up to 1m00s/),
  );
  expect(said.indexOf('succeeded')).toBeLessThan(said.indexOf('deployment.apps/web deleted'));
});

test('a run that never ends is not waited for without end, and nothing is touched', async () => {
  const stage = setStage();
  const held = lease(stage, 'anna');
  const renew = () => {
    const current = stage.client.get('leases.coordination.k8s.io', 'default', 'drydock-shop');
    const renewTime = formatMicroTime(stage.simulation.clock.now());
    stage.client.update('leases.coordination.k8s.io', { ...current, spec: { ...current.spec, renewTime } });
    stage.simulation.clock.after(5_000, renew);
  };
  renew();
  await expect(stage.apply([settings], { lockTimeout: '30s' })).rejects.toThrow('anna has been changing shop since');
  expect(stage.client.tryGet('configmaps', 'default', 'settings')).toBeUndefined();
  expect(held.spec.holderIdentity).toBe('anna');
});

test('the lease of a run that died lapses, and that of a dead process of this machine does not count', async () => {
  const lapsed = setStage();
  lease(lapsed, 'anna', 10_000);
  const before = lapsed.simulation.clock.now();
  expect((await lapsed.apply([settings])).outcome).toBe('succeeded');
  expect(lapsed.simulation.clock.now() - before).toBeGreaterThanOrEqual(5_000);

  const dead = setStage();
  lease(dead, `${userInfo().username}@${hostname()}:999999999/1`);
  const start = dead.simulation.clock.now();
  await dead.apply([settings]);
  expect(dead.simulation.clock.now() - start).toBeLessThan(1_000);
});

test('a run that lost its lease stops', async () => {
  const stage = setStage();
  stage.cluster.kubelets!.images.fail('nginx', 'unreachable');
  stage.simulation.clock.after(7_000, () => {
    const current = leases(stage)[0]!;
    stage.client.update('leases.coordination.k8s.io', {
      ...current,
      spec: { ...current.spec, holderIdentity: 'bert' },
    });
  });
  const { outcome } = await stage.apply([settings, deployment('web')], { identity: 'anna' });
  expect(outcome).toBe('aborted');
  expect(leases(stage).map(({ spec }) => spec.holderIdentity)).toEqual(['bert']);
});
