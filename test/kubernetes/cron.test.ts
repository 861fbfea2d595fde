import { CronError, isTimeZone, parseCron } from '../../lib/kubernetes/cron';

describe('cron schedules', () => {
  it.each(['* * * * *', '*/5 0-6 1,15 * mon-fri', '@hourly', '@every 1h30m', '0 0 * * 0', 'TZ=Etc/UTC 0 0 * * *'])(
    'understands %s',
    (text) => expect(() => parseCron(text)).not.toThrow(),
  );

  it.each(['', '* * * *', '60 * * * *', '* * * * 8', '5-1 * * * *', '@sometimes', '*/0 * * * *'])(
    'refuses "%s"',
    (text) => expect(() => parseCron(text)).toThrow(CronError),
  );

  it('knows the names of time zones', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});
