/**
 * What it costs to write N times (ConfigMap + Deployment + Service), beside the peers. Each run is a process of its own; variants take
 * turns, and medians are shown, so that a busy neighbour harms all alike. Runs on the compiled package:
 *
 *     npm run build && node --import tsx bench/manifests/run.ts [--runs 5] [--counts 100,1000,5000]
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Run, Shape } from './stopwatch';

interface Variant {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly shapes: readonly Shape[];
  readonly peer?: string;
}

const ALL: readonly Shape[] = ['one-chart', 'chart-per-app', 'chain'];
const VARIANTS: readonly Variant[] = [
  { name: 'JSON.stringify', file: 'json', shapes: ['one-chart'] },
  { name: 'yaml package', file: 'yaml', shapes: ['one-chart'] },
  { name: 'drydock, all checks', file: 'drydock', shapes: ALL },
  { name: 'drydock, no checks', file: 'drydock', args: ['unchecked'], shapes: ALL },
  { name: 'cdk8s (no checks)', file: 'cdk8s', shapes: ALL, peer: 'cdk8s' },
  { name: 'cdk8s-plus', file: 'cdk8s-plus', shapes: ['one-chart', 'chart-per-app'], peer: 'cdk8s-plus-33' },
];
/** What takes minutes and is known: cdk8s is quadratic in charts and recursive in chains. */
const LIMITS: Readonly<Record<string, number>> = {
  'cdk8s/chart-per-app': 1000,
  'cdk8s-plus/chart-per-app': 1000,
  'cdk8s/chain': 3000,
};
const CHAIN = 6000;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, counts: { type: 'string', default: '100,1000,5000' } },
});
const runs = Number(values.runs);
const counts = values.counts.split(',').map(Number);

function runOnce({ file, args = [] }: Variant, count: number, shape: Shape): Run {
  const script = join(__dirname, 'variants', `${file}.ts`);
  const argv = ['--import', 'tsx', script, String(count), shape, ...args];
  const { stdout, stderr, status } = spawnSync('node', argv, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Run;
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const total = (run: Run) => Object.values(run.phases).reduce((sum, ms) => sum + ms, 0);

function describe(name: string, measured: readonly Run[]): string {
  const phase = (key: string) => {
    const times = measured.map(({ phases }) => phases[key]);
    return times.every((time) => time !== undefined) ? median(times as number[]).toFixed(0) : '-';
  };
  const cells = ['import', 'construct', 'synth', 'check', 'emit'].map((key) => phase(key).padStart(9));
  const sum = median(measured.map(total)).toFixed(0).padStart(8);
  const peak = median(measured.map(({ peakMb }) => peakMb))
    .toFixed(0)
    .padStart(6);
  return `${name.padEnd(22)}${cells.join('')}${sum}${peak}${(measured[0]!.bytes / 1e6).toFixed(1).padStart(7)}`;
}

function compare(shape: Shape, count: number): void {
  console.log(
    `\n${shape}, ${count} ${shape === 'chain' ? 'objects, each depends on the one before' : 'apps'} (ms of user CPU, medians of ${runs})`,
  );
  console.log(
    `${''.padEnd(22)}${['import', 'construct', 'synth', 'check', 'emit'].map((key) => key.padStart(9)).join('')}   total  peak     MB`,
  );
  const variants = VARIANTS.filter((variant) => variant.shapes.includes(shape) && !isTooMuch(variant, shape, count));
  const measured = new Map<Variant, Run[]>(variants.map((variant) => [variant, []]));
  for (let run = 0; run < runs; run++) {
    for (const variant of variants) measured.get(variant)!.push(runOnce(variant, count, shape));
  }
  for (const variant of variants) console.log(describe(variant.name, measured.get(variant)!));
}

function isTooMuch({ file, peer }: Variant, shape: Shape, count: number): boolean {
  const missing = peer !== undefined && !existsSync(join(__dirname, 'peers', 'node_modules', peer));
  return missing || count > (LIMITS[`${file}/${shape}`] ?? Number.POSITIVE_INFINITY);
}

for (const count of counts) compare('one-chart', count);
for (const count of counts) compare('chart-per-app', count);
compare('chain', CHAIN);
