/**
 * Slow start: a controller that has many pods to create tries one, then two, then four, ... and stops at the first batch
 * with a failure, so that a quota or a broken template costs a few refused requests and not thousands.
 * (`slowStartBatch` of pkg/controller/replicaset)
 *
 * 10 to create, all well: batches of 1, 2, 4, 3. All refused: one request.
 */
import { StatusError } from '../../../kubernetes/status-error';

export interface SlowStartResult {
  readonly successes: number;
  /** The first failure of the batch that ended it. */
  readonly error?: StatusError;
}

/** @param create is called with 0, 1, 2, ...; a StatusError that it throws ends the row with its batch. */
export function slowStart(count: number, create: (index: number) => void): SlowStartResult {
  let successes = 0;
  let next = 0;
  for (let batch = 1; next < count; batch *= 2) {
    const end = Math.min(count, next + batch);
    let error: StatusError | undefined;
    for (; next < end; next++) {
      try {
        create(next);
        successes++;
      } catch (thrown) {
        if (!(thrown instanceof StatusError)) throw thrown;
        error ??= thrown;
      }
    }
    if (error) return { successes, error };
  }
  return { successes };
}
