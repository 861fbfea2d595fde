/** `npm run fuzz -- --seed N --count M`: hostile input for as long as you like; prints what broke the server. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '10000' } },
});
const report = fuzz(Number(values.seed), Number(values.count));
for (const { request, body, answer } of report.findings) console.error(`${request}\n  ${body}\n  ${answer}\n`);
const statuses = [...report.byStatus].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
console.log(
  `seed ${values.seed}: ${report.requests} requests (${statuses.join(', ')}), ${report.findings.length} broke the server`,
);
process.exitCode = report.findings.length > 0 || !report.healthy ? 1 : 0;
