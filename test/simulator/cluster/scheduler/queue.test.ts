import { reject } from '../../../../lib/simulator/cluster/scheduler/framework';
import { readPod } from '../../../../lib/simulator/cluster/scheduler/pod-info';
import { SchedulingQueue } from '../../../../lib/simulator/cluster/scheduler/queue';
import { VirtualClock } from '../../../../lib/simulator/virtual-clock';

const pod = (name: string, priority = 0) =>
  readPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name },
    spec: { priority, containers: [{ name: 'c' }] },
  });

function queueWorld() {
  const clock = new VirtualClock(0);
  const queue = new SchedulingQueue(clock, () => {});
  const refuse = (name: string) => queue.putAside(queue.tryGet(`default/${name}`)!, [reject('Fit', 'no room')]);
  return { clock, queue, refuse, next: () => queue.take()?.pod.name };
}

describe('the scheduling queue', () => {
  test('higher priority first, then who came first', () => {
    const { queue, next } = queueWorld();
    queue.add(pod('a'), false);
    queue.add(pod('b', 5), false);
    queue.add(pod('c', 5), false);
    expect([next(), next(), next(), next()]).toEqual(['b', 'c', 'a', undefined]);
  });

  test('a refused pod waits for an event, at most five minutes', () => {
    const { clock, queue, refuse, next } = queueWorld();
    queue.add(pod('a'), false);
    next();
    refuse('a');
    expect(next()).toBeUndefined();
    clock.moveTo(299_999);
    expect(next()).toBeUndefined();
    clock.fireNext();
    expect(next()).toBe('a');
  });

  test('after an event it sits out its back-off behind others, but not when nobody else is in line', () => {
    const { queue, refuse, next } = queueWorld();
    queue.add(pod('tried', 100), false);
    next();
    refuse('tried');
    queue.requeueWhere(() => true);
    queue.add(pod('fresh'), false);
    expect([next(), next()]).toEqual(['fresh', 'tried']);
  });

  test('when its back-off is over, its priority counts again', () => {
    const { clock, queue, refuse, next } = queueWorld();
    queue.add(pod('tried', 100), false);
    next();
    refuse('tried');
    queue.requeueWhere(() => true);
    queue.add(pod('fresh'), false);
    clock.moveTo(1_000);
    expect([next(), next()]).toEqual(['tried', 'fresh']);
  });

  test('a gated or deleted pod is not handed out', () => {
    const { queue, next } = queueWorld();
    queue.add(pod('gated'), true);
    queue.add(pod('gone'), false);
    queue.delete('default/gone');
    expect(queue.hasNext).toBe(false);
    expect(next()).toBeUndefined();
    queue.add(pod('gated'), false);
    expect(next()).toBe('gated');
  });
});
