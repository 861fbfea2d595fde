/**
 * `npm run storm -- --seeds 10000`: storms over simulated clusters, one a seed, until one of them breaks a rule.
 *
 *   --seeds N      how many (default 100), from --from (default 1) on
 *   --seed N       only this one
 *   --minutes M    how long users and faults act in each (default 20, virtual)
 *   --json         one line of JSON for each storm that failed, and one in the end
 */
import { parseArgs } from 'node:util';
import { planStorm } from '../lib/simulator/cluster/storm/plan';
import { describeViolation } from '../lib/simulator/cluster/storm/report';
import { shrinkStorm } from '../lib/simulator/cluster/storm/shrink';
import { runStorm } from '../lib/simulator/cluster/storm/storm';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const minutes = Number(values.minutes);
const startedAt = process.cpuUsage().user;
const failed: number[] = [];
let revisions = 0;
for (let seed = first; seed < first + count; seed++) {
  const result = runStorm(planStorm({ seed, minutes }));
  revisions += result.revisions;
  if (!result.violation) continue;
  failed.push(seed);
  const smallest = values['no-shrink'] ? result : shrinkStorm(result);
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, minutes, ...smallest })}\n`);
  else process.stdout.write(`${describeViolation(smallest, minutes)}\n\n`);
}
const seconds = (process.cpuUsage().user - startedAt) / 1e6;
const summary = { seeds: count, failed: failed.length, revisions, cpuSeconds: Number(seconds.toFixed(1)) };
process.stdout.write(
  values.json
    ? `${JSON.stringify(summary)}\n`
    : `${count} storms, ${revisions} changes, ${summary.cpuSeconds} s of CPU: ${failed.length === 0 ? 'nothing found' : `${failed.length} failed: ${failed.join(', ')}`}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
