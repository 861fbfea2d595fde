import { Cluster } from '../../../lib/simulator/cluster/cluster';
import { createEventRecorder } from '../../../lib/simulator/cluster/event-recorder';

function start() {
  const cluster = new Cluster({ controllers: false });
  const { simulation, store } = cluster;
  const client = cluster.clientFor('system:serviceaccount:kube-system:test', 'kube-controller-manager');
  const { clock, random } = simulation;
  const recorder = createEventRecorder({ client, clock, random, component: 'test-controller' });
  const service = client.get('services', 'default', 'kubernetes');
  const events = () => [...store.list('events')];
  return { cluster, recorder, service, events };
}

describe('an event', () => {
  test('has the form that kubectl shows', () => {
    const { recorder, service, events } = start();
    recorder.event(service, 'Normal', 'Tested', 'All is well');
    expect(events()).toEqual([
      expect.objectContaining({
        involvedObject: expect.objectContaining({ kind: 'Service', name: 'kubernetes', uid: service.metadata.uid }),
        reason: 'Tested',
        message: 'All is well',
        type: 'Normal',
        source: { component: 'test-controller' },
        reportingComponent: 'test-controller',
        count: 1,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
      }),
    ]);
    // The nanosecond of its making, in hexadecimal.
    expect(events()[0]!.metadata.name).toMatch(/^kubernetes\.188[0-9a-f]{13}$/);
  });

  test('that happens again is counted, not written anew', () => {
    const { cluster, recorder, service, events } = start();
    for (let i = 0; i < 3; i++) {
      recorder.event(service, 'Warning', 'Failed', 'No');
      cluster.simulation.advance('1m');
    }
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({
      count: 3,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:02:00Z',
    });
  });

  test('is combined with its like from the tenth message on', () => {
    const { recorder, service, events } = start();
    for (let i = 1; i <= 12; i++) recorder.event(service, 'Normal', 'Made', `Made number ${i}`);
    expect(events().map(({ message, count }) => `${count} ${message}`)).toEqual([
      ...Array.from({ length: 9 }, (_, i) => `1 Made number ${i + 1}`),
      '3 (combined from similar events): Made number 12',
    ]);
  });

  test('of a chatty object is dropped after 25, until five minutes have passed', () => {
    const { cluster, recorder, service, events } = start();
    for (let i = 0; i < 40; i++) recorder.event(service, 'Normal', `Reason${i}`, 'x');
    expect(events()).toHaveLength(25);
    cluster.simulation.advance('5m');
    recorder.event(service, 'Normal', 'Later', 'x');
    recorder.event(service, 'Normal', 'TooSoon', 'x');
    expect(
      events()
        .map(({ reason }) => reason)
        .slice(25),
    ).toEqual(['Later']);
  });

  test('is gone an hour after it was last written, which keeps nobody waiting', () => {
    const { cluster, recorder, service, events } = start();
    recorder.event(service, 'Normal', 'Once', 'x');
    cluster.simulation.settle();
    expect(cluster.simulation.clock.now()).toBe(Date.UTC(2026, 0, 1));
    cluster.simulation.advance('30m');
    recorder.event(service, 'Normal', 'Once', 'x');
    cluster.simulation.advance('59m');
    expect(events()).toHaveLength(1);
    cluster.simulation.advance('1m');
    expect(events()).toEqual([]);
  });
});
