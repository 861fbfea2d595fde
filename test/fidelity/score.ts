/** Replays every recording and counts; see README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Difference, judge, ScenarioBindings } from './compare';
import { createWorld, playScenario } from './replay';
import type { Scenario } from './scenario';

export interface Score {
  readonly exchanges: number;
  readonly exact: number;
  readonly semantic: number;
}

export interface Failure {
  readonly scenario: string;
  readonly step: number | undefined;
  readonly request: string;
  readonly semantic: boolean;
  readonly differences: readonly Difference[];
}

export interface CategoryResult {
  readonly category: string;
  readonly score: Score;
  readonly failures: readonly Failure[];
}

const RECORDINGS = join(__dirname, 'recordings');

export const categories = (): string[] =>
  readdirSync(RECORDINGS)
    .filter((file) => file.endsWith('.json.gz'))
    .map((file) => file.slice(0, -'.json.gz'.length))
    .sort();

export function loadScenarios(category: string): readonly Scenario[] {
  return JSON.parse(gunzipSync(readFileSync(join(RECORDINGS, `${category}.json.gz`))).toString());
}

/** All scenarios of a category, one after the other, against one fresh server. */
export function replayCategory(category: string, only?: RegExp): CategoryResult {
  const world = createWorld();
  const failures: Failure[] = [];
  const score = { exchanges: 0, exact: 0, semantic: 0 };
  for (const scenario of loadScenarios(category)) {
    if (only && !only.test(scenario.name)) continue;
    const bindings = new ScenarioBindings();
    playScenario(world, scenario, (step, answer) => {
      if (!step.res) return;
      const mode = step.compare ?? (step.setup ? 'status' : 'full');
      const { exact, semantic, differences } = judge(step.res, answer, bindings, mode);
      if ((step.setup && exact) || mode === 'none') return;
      score.exchanges++;
      if (exact) score.exact++;
      if (semantic) score.semantic++;
      if (exact) return;
      const request = step.req ? `${step.req.method} ${step.req.path}` : `events of watch ${step.collect}`;
      failures.push({ scenario: scenario.name, step: step.id, request, semantic, differences });
    });
  }
  return { category, score, failures };
}
