/**
 * Drift: what differs between the template and the live resources.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 *
 * A type takes part when it has `read`. Detection ends at once.
 */
import { AwsError, validationError } from '../aws-error';
import { findResourceType } from '../resource-types';
import type { Call, Operations, Scope, WireObject } from '../service';
import { canonical } from './deployment';
import { requestFor } from './environment';
import type { Properties } from './resource-type';
import { findStack } from './stack-operations';
import { cloudFormationOf, type Stack, type StackResource } from './state';

interface Detection {
  readonly id: string;
  readonly stack: Stack;
  readonly drifted: number;
  readonly time: string;
}

export const driftOperations: Operations = {
  DetectStackDrift: (input, call) => {
    const stack = findStack(input, call);
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      throw validationError(
        `Drift detection cannot be performed on stack [${stack.id}] while in [${stack.status}] state.`,
      );
    }
    const drifts = [...stack.resources.values()].map((resource) => detect(call, stack, resource));
    const drifted = drifts.filter(
      ({ StackResourceDriftStatus: status }) => status === 'MODIFIED' || status === 'DELETED',
    );
    stack.drift = { status: drifted.length > 0 ? 'DRIFTED' : 'IN_SYNC', time: call.account.timestamp };
    const id = cloudFormationOf(call).uuid();
    detectionsOf(call).set(id, { id, stack, drifted: drifted.length, time: call.account.timestamp });
    return { StackDriftDetectionId: id };
  },
  DescribeStackDriftDetectionStatus: (input, call) => {
    const detection = detectionsOf(call).get(String(input.StackDriftDetectionId));
    if (!detection) throw validationError(`StackDriftDetectionId ${input.StackDriftDetectionId} does not exist`);
    return {
      StackId: detection.stack.id,
      StackDriftDetectionId: detection.id,
      StackDriftStatus: detection.drifted > 0 ? 'DRIFTED' : 'IN_SYNC',
      DetectionStatus: 'DETECTION_COMPLETE',
      DriftedStackResourceCount: detection.drifted,
      Timestamp: detection.time,
    };
  },
  DetectStackResourceDrift: (input, call) => {
    const stack = findStack(input, call);
    const resource = stack.resources.get(String(input.LogicalResourceId));
    if (!resource) throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
    return { StackResourceDrift: detect(call, stack, resource) };
  },
  DescribeStackResourceDrifts: (input, call) => {
    const stack = findStack(input, call);
    const wanted: string[] | undefined = input.StackResourceDriftStatusFilters;
    return {
      StackResourceDrifts: [...stack.resources.values()]
        .filter(({ drift }) => drift !== undefined)
        .map((resource) => detect(call, stack, resource))
        .filter(({ StackResourceDriftStatus: status }) => !wanted?.length || wanted.includes(status)),
    };
  },
};

function detectionsOf(scope: Scope): Map<string, Detection> {
  return scope.account.stateOf(`cloudformation/drift/${scope.region}`, () => new Map<string, Detection>());
}

function detect(call: Call, stack: Stack, resource: StackResource): WireObject {
  const type = findResourceType(resource.type, call);
  const expected = resource.properties;
  const actual =
    type.read && resource.physicalId !== undefined
      ? tryRead(() => type.read!(resource.physicalId!, requestFor(call, stack, resource)))
      : undefined;
  const differences = actual ? differencesOf(expected, actual) : [];
  const status = !type.read ? 'NOT_CHECKED' : !actual ? 'DELETED' : differences.length > 0 ? 'MODIFIED' : 'IN_SYNC';
  resource.drift = status;
  return {
    StackId: stack.id,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    ExpectedProperties: JSON.stringify(expected),
    ActualProperties: actual && JSON.stringify({ ...expected, ...actual }),
    PropertyDifferences: differences,
    StackResourceDriftStatus: status,
    Timestamp: call.account.timestamp,
  };
}

function tryRead(read: () => Properties | undefined): Properties | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** Only what the template says can drift. */
function differencesOf(expected: Properties, actual: Properties): WireObject[] {
  return Object.keys(expected)
    .filter((name) => Object.hasOwn(actual, name) && canonical(expected[name]) !== canonical(actual[name]))
    .map((name) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: asText(expected[name]),
      ActualValue: asText(actual[name]),
      DifferenceType: actual[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
    }));
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
