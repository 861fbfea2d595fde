import { fuzz } from '../../../fidelity/fuzz';

// `npm run fuzz -- --seed N --count M` goes on for longer.
const SEED = 20_260_101;
const STORIES = 700;

describe('hostile input', () => {
  it('gets an answer of the API server, and the server lives on', () => {
    const report = fuzz(SEED, STORIES);
    const broken = report.findings.map(({ request, answer }) => `seed ${SEED}: ${request}: ${answer}`);
    expect(broken).toEqual([]);
    expect(report.healthy).toBe(true);
    // Broken objects that were all refused would have tested little.
    expect(report.byStatus.get(201)).toBeGreaterThan(STORIES / 3);
    expect(report.byStatus.get(422)).toBeGreaterThan(STORIES / 3);
  });
});
