import { WorkQueue } from '../../../lib/simulator/cluster/work-queue';
import { VirtualClock } from '../../../lib/simulator/virtual-clock';

function start() {
  const clock = new VirtualClock(0);
  const queue = new WorkQueue(clock, () => {});
  const drain = () => {
    const names: string[] = [];
    for (let name = queue.take(); name !== undefined; name = queue.take()) names.push(name);
    return names;
  };
  return { clock, queue, drain };
}

describe('WorkQueue', () => {
  test('holds each name once, in the order in which they came', () => {
    const { queue, drain } = start();
    for (const name of ['a', 'b', 'a', 'c', 'b']) queue.add(name);
    expect(drain()).toEqual(['a', 'b', 'c']);
  });

  test('of several delays of a name the earliest counts', () => {
    const { clock, queue } = start();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    expect(clock.nextDue()).toBe(100);
    clock.fireNext();
    expect(queue.take()).toBe('a');
    expect(clock.nextDue()).toBeUndefined();
  });

  test('working on a name ends its delay', () => {
    const { clock, queue } = start();
    queue.addAfter('a', 500);
    queue.add('a');
    expect(queue.take()).toBe('a');
    expect(clock.foregroundTimers).toBe(0);
  });

  test('a name that fails comes back later and later, until it is forgotten', () => {
    const { clock, queue } = start();
    const delays = [1, 2, 3, 4].map(() => {
      const before = clock.now();
      queue.addRateLimited('a');
      clock.fireNext();
      queue.take();
      return clock.now() - before;
    });
    expect(delays).toEqual([5, 10, 20, 40]);
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.nextDue()! - clock.now()).toBe(5);
  });

  test('a name that fails for ever does not keep the world from settling', () => {
    const { clock, queue } = start();
    for (let i = 0; i < 10; i++) {
      queue.addRateLimited('a');
      if (i < 9) {
        clock.fireNext();
        queue.take();
      }
    }
    expect(clock.foregroundTimers).toBe(0);
    expect(clock.nextDue()).toBeDefined();
  });
});
