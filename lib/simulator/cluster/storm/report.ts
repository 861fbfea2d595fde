/** A failed storm in words: what broke, when, what came before, and how to see it again. */
import type { StormResult } from './storm';

export function describeViolation({ plan, violation }: StormResult, minutes: number): string {
  if (!violation) return `seed ${plan.seed}: nothing found`;
  const { checker, message, time, lastEvents } = violation;
  return [
    `seed ${plan.seed}, ${time} (virtual): ${checker}: ${message}`,
    ...lastEvents.map((line) => `    ${line}`),
    `  workloads: ${plan.workloads.map(({ name }) => name).join(', ')}; ${plan.nodes} nodes`,
    `  steps: ${plan.steps.map(({ index, what }) => `${index} ${what}`).join(', ')}`,
    `  again: npm run storm -- --seed ${plan.seed} --minutes ${minutes}`,
  ].join('\n');
}
