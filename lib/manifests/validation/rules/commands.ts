/** Programs that containers run, and how long they are left to stop. */
import type { Rule } from '../rule';

export const commandWithSpaces: Rule = {
  id: 'command-with-spaces',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
  about:
    'Nobody splits a command at its spaces: the first word of the list is the program, each further one an argument.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        const [program] = container.command ?? [];
        if (typeof program !== 'string' || !/^\S*[a-z]\S* +\S/.test(program)) continue;
        report(object, {
          field: `${field}.command[0]`,
          message: `container "${container.name}" runs a program called "${program}"`,
          fix: `write one item per word: [${program
            .split(/ +/)
            .map((word) => `'${word}'`)
            .join(', ')}]`,
        });
      }
    }
  },
};

const DEFAULT_GRACE_SECONDS = 30;

export const hookOutlastsGrace: Rule = {
  id: 'hook-outlasts-grace',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-execution',
  about: 'A preStop hook runs inside the grace period; one that sleeps through it leaves the process no time to stop.',
  check(app, report) {
    for (const { object, pod, containers } of app.workloads) {
      const grace = pod.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
      for (const { container, field } of containers) {
        const preStop = container.lifecycle?.preStop;
        const text = preStop?.exec?.command?.join(' ') ?? '';
        const seconds = preStop?.sleep?.seconds ?? Number(/\bsleep (\d+)\b/.exec(text)?.[1] ?? 0);
        if (seconds === 0 || seconds < grace) continue;
        report(object, {
          field: `${field}.lifecycle.preStop`,
          message: `container "${container.name}" sleeps ${seconds} s before it stops, and is killed after ${grace} s`,
          fix: `set terminationGracePeriodSeconds above ${seconds}`,
        });
      }
    }
  },
};
