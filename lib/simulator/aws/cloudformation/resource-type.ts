/**
 * What the engine must know of a resource type: how to create, update and delete one, when that has ended, what forces a
 * replacement. One type is one file under `resource-types/` and one line in its registry; the engine knows none of them.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-model.html
 */
import type { Scope } from '../service';
import type { Tag } from '../tags';

/** Properties with every intrinsic function resolved. */
export type Properties = Readonly<Record<string, any>>;

/** What a handler is told besides its properties. */
export interface ResourceRequest extends Scope {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** Who the resource's service sees as the caller: the stack's role, or whoever deploys. */
  readonly principal: string;
  /** The resource's own tags, the stack's, and the three `aws:cloudformation:` ones. */
  tags(own?: readonly Tag[]): Tag[];
  /** The name CloudFormation gives a resource that has none: `STACK-LOGICALID-SUFFIX`, at most `maxLength` long. */
  generatedName(maxLength?: number): string;
  /** Identifiers of the kind `random.hex(8)` that differ from resource to resource. */
  readonly uniqueId: string;
}

export interface ResourceLatencies {
  /** Milliseconds of virtual time that a step takes at least. @default 2 s each */
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  /** How long a delete keeps trying while something else still uses the resource. @default 0 */
  readonly deletePatience?: number;
}

export interface ResourceType {
  /** `AWS::EC2::VPC` */
  readonly typeName: string;
  /** Properties that must be there, beyond what AWS's schema of the type says. */
  readonly required?: readonly string[];
  /** Properties whose change needs a new resource, beyond what AWS's schema of the type says. */
  readonly replaceOn?: readonly string[];
  readonly latencies?: ResourceLatencies;
  /** Starts the creation. Returns the physical id, which is what `Ref` gives unless `ref` says otherwise. */
  create(properties: Properties, request: ResourceRequest): string;
  /** Whether a creation or update has ended; asked again and again. Throws when it has failed. @default at once */
  settled?(physicalId: string, request: ResourceRequest): boolean;
  /** Changes the resource in place. */
  update?(physicalId: string, properties: Properties, request: ResourceRequest, previous: Properties): void;
  /** Starts the deletion. A NotFound error counts as done. */
  delete(physicalId: string, request: ResourceRequest, properties: Properties): void;
  /** Whether a deletion has ended. @default at once */
  deleted?(physicalId: string, request: ResourceRequest): boolean;
  ref?(physicalId: string, request: ResourceRequest): string;
  /** What `Fn::GetAtt` may name. */
  readonly attributes?: Readonly<Record<string, (physicalId: string, request: ResourceRequest) => unknown>>;
  /** Attributes of any other name, for types whose attributes a template defines (a nested stack's `Outputs.X`). */
  attribute?(name: string, physicalId: string, request: ResourceRequest): unknown;
  /**
   * The live properties, for drift detection: those of the template that the resource can tell. Undefined when it is gone.
   * @default the type does not support drift detection
   */
  read?(physicalId: string, request: ResourceRequest): Properties | undefined;
}

/** A type with what AWS's schema says of its properties. */
export interface RegisteredResourceType extends ResourceType {
  readonly required: readonly string[];
  readonly replaceOn: readonly string[];
  /** Every property there is; undefined when AWS publishes no schema of the type. */
  readonly properties?: ReadonlySet<string>;
}
