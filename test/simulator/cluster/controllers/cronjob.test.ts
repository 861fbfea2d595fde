import { mostRecentTime, parseSchedule } from '../../../../lib/simulator/cluster/controllers/cron-schedule';
import { cronJobController } from '../../../../lib/simulator/cluster/controllers/cronjob';
import { garbageCollector } from '../../../../lib/simulator/cluster/controllers/garbage-collector';
import { jobController } from '../../../../lib/simulator/cluster/controllers/job';
import { startStory, template } from '../../../helpers/story';

const cronJob = (spec: object = {}) => {
  const pod = template({ app: 'report' });
  const jobSpec = { template: { ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report', namespace: 'default' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: jobSpec }, ...spec },
  };
};

function start(runMs = 10_000) {
  const story = startStory({
    controllers: [cronJobController, jobController, garbageCollector],
    finish: () => ({ phase: 'Succeeded', runMs }),
  });
  const jobs = () => story.client.list('jobs.batch').map((job) => job.metadata.name);
  const get = () => story.client.get('cronjobs.batch', 'default', 'report');
  const minutes = Date.UTC(2026, 0, 1) / 60_000;
  return { ...story, jobs, get, name: (minute: number) => `report-${minutes + minute}` };
}

describe('CronJob', () => {
  test('makes a Job at every time of its schedule and keeps the last three', () => {
    const { client, cluster, jobs, name, get, eventsOf } = start();
    client.create('cronjobs.batch', cronJob());
    cluster.simulation.advance('4m');
    expect(jobs()).toEqual([]);
    cluster.simulation.advance('2m');
    expect(jobs()).toEqual([name(5)]);
    expect(get().status).toMatchObject({ lastScheduleTime: '2026-01-01T00:05:00Z' });
    cluster.simulation.advance('25m');
    expect(jobs()).toEqual([name(20), name(25), name(30)]);
    expect(eventsOf('CronJob', 'report').slice(0, 2)).toEqual([
      `Normal SuccessfulCreate Created job ${name(5)}`,
      `Normal SawCompletedJob Saw completed job: ${name(5)}, condition: Complete`,
    ]);
  });

  test('Forbid skips a time while the last Job runs, Replace stops it', () => {
    const forbid = start(8 * 60_000);
    forbid.client.create('cronjobs.batch', cronJob({ concurrencyPolicy: 'Forbid' }));
    forbid.cluster.simulation.advance('11m');
    expect(forbid.jobs()).toEqual([forbid.name(5)]);
    expect(forbid.eventsOf('CronJob', 'report')).toContain(
      'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    const replace = start(8 * 60_000);
    replace.client.create('cronjobs.batch', cronJob({ concurrencyPolicy: 'Replace' }));
    replace.cluster.simulation.advance('11m');
    expect(replace.jobs()).toEqual([replace.name(10)]);
  });

  test('suspended it does nothing', () => {
    const { client, cluster, jobs } = start();
    client.create('cronjobs.batch', cronJob({ suspend: true }));
    cluster.simulation.advance('1h');
    expect(jobs()).toEqual([]);
  });

  test('keeps to its time zone', () => {
    const { client, cluster, get } = start();
    client.create('cronjobs.batch', cronJob({ schedule: '0 9 * * *', timeZone: 'Asia/Tokyo' }));
    cluster.simulation.advance('25h');
    expect(get().status.lastScheduleTime).toBe('2026-01-02T00:00:00Z');
  });

  test('does not keep the world from settling', () => {
    const { client, settle, cluster } = start();
    client.create('cronjobs.batch', cronJob());
    settle();
    expect(cluster.simulation.clock.now()).toBe(Date.UTC(2026, 0, 1));
  });
});

describe('a schedule', () => {
  const noon = Date.UTC(2026, 0, 1, 12);

  test('knows intervals, names and its five fields', () => {
    expect(parseSchedule('@every 90m').next(noon)).toBe(noon + 90 * 60_000);
    expect(parseSchedule('@daily').next(noon)).toBe(Date.UTC(2026, 0, 2));
    expect(parseSchedule('@midnight').next(noon)).toBe(Date.UTC(2026, 0, 2));
    expect(() => parseSchedule('* * * *')).toThrow('expected exactly 5 fields, found 4: [* * * *]');
  });

  test('finds the latest time that was missed, however many there were', () => {
    const schedule = parseSchedule('*/10 * * * *');
    expect(mostRecentTime(schedule, noon, noon + 25 * 60_000)).toEqual({ time: noon + 20 * 60_000, missed: 2 });
    const long = mostRecentTime(schedule, noon, noon + 30 * 86_400_000 + 60_000);
    expect(long.time).toBe(noon + 30 * 86_400_000);
    expect(long.missed).toBeGreaterThan(100);
  });
});
