/** `npm run fidelity`: prints the score of each category and compares it with floor.json. See README.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { categories, type Failure, replayCategory, type Score } from './score';

const FLOOR = join(__dirname, 'floor.json');

const { values: options } = parseArgs({
  options: {
    category: { type: 'string' },
    only: { type: 'string' },
    show: { type: 'string' },
    raise: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const percent = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(1)}%`;
const row = (name: string, { exchanges, exact, semantic }: Score): string =>
  `${name.padEnd(16)}${String(exchanges).padStart(8)}${`${exact} ${percent(exact, exchanges)}`.padStart(16)}${`${semantic} ${percent(semantic, exchanges)}`.padStart(16)}`;

function show(failures: readonly Failure[], count: number): void {
  for (const { scenario, step, request, semantic, differences } of failures) {
    console.log(`${scenario} step ${step} ${request}${semantic ? ' [semantically equal]' : ''}`);
    for (const each of differences.slice(0, count)) {
      console.log(`    ${each.path}: recorded ${each.recorded}, got ${each.got}`);
    }
  }
}

const floor: Record<string, Score> = JSON.parse(readFileSync(FLOOR, 'utf8'));
const only = options.only === undefined ? undefined : new RegExp(options.only);
const lost: string[] = [];
const reports: object[] = [];
console.log(`${'category'.padEnd(16)}${'exchanges'.padStart(8)}${'exact'.padStart(15)}${'semantic'.padStart(16)}`);
for (const category of options.category === undefined ? categories() : [options.category]) {
  const { score, failures } = replayCategory(category, only);
  reports.push(...failures.map((failure) => ({ category, exact: false, ...failure })));
  if (options.show !== undefined) show(failures, Number(options.show));
  console.log(row(category, score));
  if (only) continue;
  const least = floor[category] ?? { exchanges: 0, exact: 0, semantic: 0 };
  for (const verdict of ['exact', 'semantic'] as const) {
    if (score[verdict] < least[verdict]) lost.push(`${category}: ${verdict} ${score[verdict]}, was ${least[verdict]}`);
  }
  floor[category] = {
    exchanges: score.exchanges,
    exact: Math.max(score.exact, least.exact),
    semantic: Math.max(score.semantic, least.semantic),
  };
}
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ exchanges: reports }));
if (options.raise) writeFileSync(FLOOR, `${JSON.stringify(floor, undefined, 2)}\n`);
for (const line of lost) console.error(`below the floor: ${line}`);
process.exitCode = lost.length > 0 ? 1 : 0;
