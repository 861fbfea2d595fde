/** `down` works wherever `up` was interrupted. */
import { makeProject } from '../helpers/drydock';

jest.setTimeout(120_000);

test.each([
  ['in the middle of the stacks', 'AWS::EKS::Cluster'],
  ['in the middle of the objects', '"type":"started"'],
])('an up that was killed %s can be taken down', async (_name, moment) => {
  const project = makeProject();
  try {
    const up = project.start('up', '--output', 'json');
    await up.until(moment);
    up.kill('SIGKILL');
    await up.ended;
    const { code, stdout, stderr } = await project.drydock('down', '--output', 'json');
    expect(stderr).toBe('');
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((event) => event.type === 'check');
    expect(checks.length).toBeGreaterThan(5);
    expect(checks.flatMap((check) => check.left)).toEqual([]);
    expect(code).toBe(0);
  } finally {
    await project.remove();
  }
});
