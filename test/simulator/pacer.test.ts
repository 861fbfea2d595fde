import { Pacer } from '../../lib/simulator/pacer';
import { Simulation } from '../../lib/simulator/simulation';

/** A wall that moves when the test says so, with the one timer that a pacer keeps. */
function wallOf(start: number) {
  let now = start;
  let timer: { due: number; callback: () => void } | undefined;
  return {
    wallClock: () => now,
    later: (ms: number, callback: () => void) => {
      const mine = { due: now + ms, callback };
      timer = mine;
      return () => {
        if (timer === mine) timer = undefined;
      };
    },
    pass: (ms: number) => {
      const end = now + ms;
      while (timer && timer.due <= end) {
        const { due, callback } = timer;
        now = Math.max(now, due);
        timer = undefined;
        callback();
      }
      now = end;
    },
  };
}

const START = Date.UTC(2026, 0, 1);

test('virtual time follows the wall, times the speed', () => {
  const simulation = new Simulation({ startTime: START });
  const wall = wallOf(START);
  const pacer = new Pacer(simulation, { ...wall, speed: 60 });
  pacer.start();
  let fired = false;
  pacer.serve(() => simulation.clock.after(90_000, () => (fired = true)));
  wall.pass(1_499);
  expect(fired).toBe(false);
  wall.pass(1);
  expect(fired).toBe(true);
});

test('after a jump ahead, time goes on from there and does not stand still until the wall is level', () => {
  const simulation = new Simulation({ startTime: START });
  const wall = wallOf(START);
  const pacer = new Pacer(simulation, wall);
  pacer.start();
  pacer.serve(() => simulation.advance('9m'));
  wall.pass(10_000);
  pacer.serve(() => {});
  expect(simulation.clock.now() - START).toBe(9 * 60_000 + 10_000);
});

test('a clock that is behind catches up with the wall only in a quiet moment, and only when it may', () => {
  let allowed = false;
  const simulation = new Simulation({ startTime: START - 1_800_000 });
  const wall = wallOf(START);
  const pacer = new Pacer(simulation, { ...wall, mayCatchUp: () => allowed });
  pacer.start();
  wall.pass(10_000);
  expect(simulation.clock.now()).toBe(START - 1_790_000);
  allowed = true;
  pacer.serve(() => {});
  wall.pass(4_000);
  expect(simulation.clock.now()).toBeLessThan(START);
  wall.pass(2_000);
  expect(simulation.clock.now()).toBeGreaterThanOrEqual(START + 15_000);
});

test('a stopped pacer leaves the clock alone', () => {
  const simulation = new Simulation({ startTime: START });
  const wall = wallOf(START);
  const pacer = new Pacer(simulation, wall);
  pacer.start();
  pacer.stop();
  wall.pass(60_000);
  expect(simulation.clock.now()).toBe(START);
});
