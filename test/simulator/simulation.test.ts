import { Simulation, SimulationTimeout } from '../../lib/simulator/simulation';

describe('Simulation', () => {
  test('advance fires timers in order of time and leaves the clock exactly at the end', () => {
    const simulation = new Simulation();
    const start = simulation.clock.now();
    const fired: number[] = [];
    for (const delay of [3_000, 1_000, 2_000]) {
      simulation.clock.after(delay, () => fired.push(simulation.clock.now() - start));
    }
    simulation.advance('2500ms');
    expect(fired).toEqual([1_000, 2_000]);
    expect(simulation.clock.now() - start).toBe(2_500);
  });

  test('settle waits for what is going on but not for heartbeats', () => {
    const simulation = new Simulation();
    let beats = 0;
    const beat = () => {
      beats++;
      simulation.clock.after(10_000, beat, { background: true });
    };
    simulation.clock.after(0, beat, { background: true });
    let done = false;
    simulation.clock.after(35_000, () => (done = true));
    simulation.settle();
    expect(done).toBe(true);
    expect(beats).toBe(4);
  });

  test('settle says how long it waited when the world never comes to rest', () => {
    const simulation = new Simulation({ seed: 7 });
    const again = () => simulation.clock.after(1_000, again);
    again();
    expect(() => simulation.settle('1m')).toThrow(SimulationTimeout);
    expect(() => simulation.settle('1m')).toThrow('did not settle within 1m of virtual time (seed 7)');
  });

  test('a cancelled timer neither fires nor keeps the world busy', () => {
    const simulation = new Simulation();
    let fired = false;
    simulation.clock.after(1_000, () => (fired = true)).cancel();
    simulation.settle();
    simulation.advance('5s');
    expect(fired).toBe(false);
  });

  test('the order in which ready actors run is a function of the seed alone', () => {
    const history = (seed: number) => {
      const simulation = new Simulation({ seed });
      const order: string[] = [];
      for (const name of ['a', 'b', 'c', 'd']) {
        let left = 3;
        const step = () => {
          order.push(name);
          return --left > 0;
        };
        simulation.wake({ name, step });
      }
      simulation.runReady();
      return order.join('');
    };
    expect(history(1)).toBe(history(1));
    expect(new Set([1, 2, 3, 4, 5].map(history)).size).toBeGreaterThan(1);
  });
});
