/** The recorded answers of a real API server, as a floor that may only rise. See README.md. */
import floor from './floor.json';
import { categories, replayCategory } from './score';

const least: Readonly<Record<string, { exact: number; semantic: number }>> = floor;

test.each(categories())('%s: no recorded answer that was right is wrong again', (category) => {
  const { score } = replayCategory(category);
  expect(score.exact).toBeGreaterThanOrEqual(least[category]!.exact);
  expect(score.semantic).toBeGreaterThanOrEqual(least[category]!.semantic);
});
