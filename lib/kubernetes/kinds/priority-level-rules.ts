/**
 * What a PriorityLevelConfiguration may say.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration
 */
import { type ErrorList, type Path, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { inRange, requirePresent } from '../validation/checks';
import { validateLevelStatus } from './flow-control-rules';

const SPEC = root('spec');
const MAX_QUEUES = 10_000_000;
const MAX_ENTROPY = 60;

export function validatePriorityLevel({ metadata, spec = {}, status }: KubernetesObject, errors: ErrorList): void {
  const { type = '', limited, exempt } = spec;
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    errors.invalid(SPEC.child('type'), type, "type must be 'Exempt' if and only if `name` is 'exempt'");
  }
  if (type === 'Exempt') {
    if (limited) errors.forbidden(SPEC.child('limited'), "must be nil if the type is not 'Limited'");
    if (exempt) validateShares(exempt, SPEC.child('exempt'), errors);
  } else if (type === 'Limited') {
    if (exempt) errors.forbidden(SPEC.child('exempt'), "must be nil if the type is 'Limited'");
    const at = SPEC.child('limited');
    if (requirePresent(limited, at, errors, 'must not be empty when type is Limited'))
      validateLimited(limited, at, errors);
  } else errors.notSupported(SPEC.child('type'), type, ['Exempt', 'Limited']);
  validateLevelStatus({ status }, errors);
}

function validateShares(
  { nominalConcurrencyShares: shares, lendablePercent }: any,
  path: Path,
  errors: ErrorList,
): void {
  if (shares < 0) errors.invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer');
  inRange(lendablePercent ?? 0, 0, 100, path.child('lendablePercent'), errors);
}

function validateLimited(limited: any, path: Path, errors: ErrorList): void {
  const {
    nominalConcurrencyShares: shares,
    limitResponse,
    lendablePercent,
    borrowingLimitPercent: borrowing,
  } = limited;
  if (shares < 0) errors.invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer');
  validateResponse(limitResponse ?? {}, path.child('limitResponse'), errors);
  inRange(lendablePercent ?? 0, 0, 100, path.child('lendablePercent'), errors);
  if (borrowing < 0) {
    errors.invalid(path.child('borrowingLimitPercent'), borrowing, 'if specified, must be a non-negative integer');
  }
}

function validateResponse({ type = '', queuing }: any, path: Path, errors: ErrorList): void {
  const at = path.child('queuing');
  if (type === 'Reject') {
    if (queuing) errors.forbidden(at, 'must be nil if limited.limitResponse.type is not Limited');
  } else if (type === 'Queue') {
    if (requirePresent(queuing, at, errors, 'must not be empty if limited.limitResponse.type is Limited')) {
      validateQueuing(queuing, at, errors);
    }
  } else errors.notSupported(path.child('type'), type, ['Queue', 'Reject']);
}

function validateQueuing({ queues, handSize, queueLengthLimit }: any, path: Path, errors: ErrorList): void {
  if (queueLengthLimit <= 0) errors.invalid(path.child('queueLengthLimit'), queueLengthLimit, 'must be positive');
  if (queues <= 0) errors.invalid(path.child('queues'), queues, 'must be positive');
  else if (queues > MAX_QUEUES) {
    errors.invalid(path.child('queues'), queues, `must not be greater than ${MAX_QUEUES}`);
  }
  const at = path.child('handSize');
  if (handSize <= 0) errors.invalid(at, handSize, 'must be positive');
  else if (handSize > queues) errors.invalid(at, handSize, `should not be greater than queues (${queues})`);
  else if (Math.ceil(Math.log2(queues) * handSize) > MAX_ENTROPY) {
    const deal = `deckSize ${queues} and handSize ${handSize}`;
    errors.invalid(at, handSize, `required entropy bits of ${deal} should not be greater than ${MAX_ENTROPY}`);
  }
}
