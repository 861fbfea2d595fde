/**
 * Stacks and what belongs to them: resources, events, change sets, outputs, exports.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacks.html
 */
import { validationError } from '../aws-error';
import { regionalState, type Scope } from '../service';
import type { Tag } from '../tags';
import type { ChangeSet } from './change-set';
import type { StackParameter } from './parameters';
import type { Properties } from './resource-type';
import type { Template } from './template';

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  physicalId?: string;
  status: string;
  statusReason?: string;
  timestamp: string;
  /** As last handed to the resource type. */
  properties: Properties;
  /** Logical ids that this one needed when it was made: its deletion goes before theirs. */
  dependencies: readonly string[];
  deletionPolicy: string;
  updateReplacePolicy: string;
  metadata?: Readonly<Record<string, unknown>>;
  drift?: string;
  /** Distinguishes the generated names of a resource and its replacement. */
  generation: number;
}

export interface StackEvent {
  readonly EventId: string;
  readonly StackId: string;
  readonly StackName: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly Timestamp: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason?: string;
  readonly ResourceProperties?: string;
  readonly ClientRequestToken?: string;
}

export interface StackOutput {
  readonly OutputKey: string;
  readonly OutputValue: string;
  readonly Description?: string;
  readonly ExportName?: string;
}

/** A stack as it was when its last operation had ended well. */
export interface StableState {
  readonly desired: Pick<
    Stack,
    'template' | 'templateBody' | 'parameters' | 'tags' | 'capabilities' | 'notificationArns' | 'outputs'
  >;
  readonly resources: ReadonlyMap<string, StackResource>;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly creationTime: string;
  status: string;
  statusReason?: string;
  description?: string;
  lastUpdatedTime?: string;
  deletionTime?: string;
  /** As it was given: what GetTemplate returns. */
  templateBody: string;
  template: Template;
  parameters: readonly StackParameter[];
  tags: readonly Tag[];
  outputs: readonly StackOutput[];
  capabilities: readonly string[];
  notificationArns: readonly string[];
  roleArn?: string;
  disableRollback: boolean;
  timeoutInMinutes?: number;
  terminationProtection: boolean;
  policy?: string;
  readonly resources: Map<string, StackResource>;
  /** Resources that were replaced: deleted when the update has succeeded. */
  superseded: StackResource[];
  /** What an update that fails goes back to; set while one is under way or has failed. */
  lastStable?: StableState;
  /** Oldest first. */
  readonly events: StackEvent[];
  /** Names of other stacks' exports that this one's values came from. */
  imports: Set<string>;
  readonly changeSets: Map<string, ChangeSet>;
  changeSetId?: string;
  parentId?: string;
  rootId?: string;
  drift?: { readonly status: string; readonly time: string };
  /** Of the operation that is under way. */
  clientRequestToken?: string;
  /** Of every operation there was. */
  readonly usedTokens: Set<string>;
  /** Stops what is under way. */
  cancel?: () => void;
  /** Says that what is under way has ended. */
  endOperation?: () => void;
}

export class CloudFormationState {
  /** By id; deleted stacks stay. */
  readonly stacks = new Map<string, Stack>();
  private readonly random;

  constructor(readonly scope: Scope) {
    this.random = scope.account.random(`cloudformation/${scope.region}`);
  }

  uuid(): string {
    return this.random.uuid();
  }

  /** The living stack of that name, or the stack of that id, dead or alive. */
  tryStack(nameOrId: string): Stack | undefined {
    if (nameOrId.startsWith('arn:')) return this.stacks.get(nameOrId);
    return this.living().find((stack) => stack.name === nameOrId);
  }

  findStack(nameOrId: string): Stack {
    const stack = this.tryStack(nameOrId);
    if (!stack) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  living(): Stack[] {
    return [...this.stacks.values()].filter((stack) => stack.status !== 'DELETE_COMPLETE');
  }

  newStackId(name: string): string {
    const { account, region } = this.scope;
    return `arn:aws:cloudformation:${region}:${account.accountId}:stack/${name}/${this.uuid()}`;
  }

  exports(): { stack: Stack; name: string; value: string }[] {
    return this.living().flatMap((stack) =>
      stack.outputs.flatMap((output) =>
        output.ExportName === undefined ? [] : [{ stack, name: output.ExportName, value: output.OutputValue }],
      ),
    );
  }

  /** Living stacks that import the export. */
  importersOf(exportName: string): Stack[] {
    return this.living().filter((stack) => stack.imports.has(exportName));
  }
}

export const cloudFormationOf = regionalState('cloudformation', (scope) => new CloudFormationState(scope));

export function isInProgress(stack: Stack): boolean {
  return stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS';
}
