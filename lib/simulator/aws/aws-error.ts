/**
 * What an AWS service answers when it refuses: a code, a sentence and an HTTP status. How it is written on the wire
 * depends on the service's protocol (`http/`).
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    /** As the SDKs know it, e.g. `DependencyViolation` or `ResourceNotFoundException`. */
    readonly code: string,
    message: string,
    /** @default 400 */
    readonly status = 400,
    /** Further members of the error, for services that have them (EKS names the cluster). */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** The operation, type or option exists in AWS and not here: said by name, never passed over in silence. */
export function notSimulated(what: string): AwsError {
  return new AwsError('NotSimulated', `${what} is not simulated by drydock (see docs/fidelity.md)`);
}

/** Whether the thing is not there (any more): what a delete may take for done. */
export function isNotFound(error: unknown): boolean {
  return error instanceof AwsError && /NotFound|NoSuchEntity|NoSuchBucket|ParameterNotFound/.test(error.code);
}
