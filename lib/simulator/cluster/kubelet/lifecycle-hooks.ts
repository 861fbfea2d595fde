/**
 * What runs right after a container's start and right before its end.
 * https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
import type { Program } from '../images/image-behaviour';
import { startShell } from '../images/shell/program';
import type { ContainerRecord, Run } from './container-record';
import { containerExited } from './container-starter';
import type { PodWorker } from './pod-worker';
import { probeOnce } from './probes';

/** Runs the hook and then `done`; a hook that fails kills the container. */
export function runPostStart(pod: PodWorker, container: ContainerRecord, run: Run, done: () => void): void {
  runHook(pod, container, run, container.spec.lifecycle.postStart, (failure) => {
    if (container.run !== run) return;
    if (failure === undefined) return done();
    pod.event('Warning', 'FailedPostStartHook', 'PostStartHook failed', container);
    pod.event('Normal', 'Killing', 'FailedPostStartHook', container);
    containerExited(pod, container, 137, 'Error');
  });
}

/** Runs the hook and then `done`, whatever came of it. */
export function runPreStop(pod: PodWorker, container: ContainerRecord, run: Run, done: () => void): void {
  runHook(pod, container, run, container.spec.lifecycle.preStop, (failure) => {
    if (container.run !== run) return;
    if (failure !== undefined) pod.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', container);
    done();
  });
}

function runHook(
  pod: PodWorker,
  container: ContainerRecord,
  run: Run,
  hook: any,
  done: (failure: string | undefined) => void,
): void {
  if (hook.sleep) {
    pod.after(hook.sleep.seconds * 1000, () => done(undefined));
    return;
  }
  if (hook.exec) {
    const program = startShell(run.view, hook.exec.command);
    // A program that only the image knows does whatever it does.
    if (program) walk(pod, program, (code) => done(code === 0 ? undefined : `exited with ${code}`));
    else done(undefined);
    return;
  }
  done(probeOnce(pod, container, run, hook).failure);
}

function walk(pod: PodWorker, program: Program, done: (code: number) => void): void {
  const { done: isOver, value } = program.next();
  if (isOver) done(value);
  else if (value !== Number.POSITIVE_INFINITY) pod.after(value, () => walk(pod, program, done));
}
