/**
 * eks-drydock/testing: a Kubernetes cluster for Jest tests, in the same process, on virtual time, and matchers that read well.
 *
 * Importing it adds the matchers and the snapshot serializer to Jest's `expect`; no setup file and no configuration is needed. With
 * `injectGlobals: false`, call `expect.extend(matchers)` yourself.
 */
import './jest-types';
import { matchers } from './matchers';
import { serializer } from './serializer';

interface JestExpect {
  extend(matchers: object): void;
  addSnapshotSerializer(serializer: object): void;
}

const { expect } = globalThis as { expect?: Partial<JestExpect> };
expect?.extend?.(matchers);
expect?.addSnapshotSerializer?.(serializer);

export type { EventFilter, EventLine } from './event-lines';
export type { Exposure } from './exposure';
export type { KindName, ObjectOfKind } from './kind-names';
export { matchers, type PartialObject } from './matchers';
export { serializer } from './serializer';
export {
  type Applicable,
  type ExecOptions,
  type ListFilter,
  type RequestOptions,
  startCluster,
  TestCluster,
  type TestClusterOptions,
} from './test-cluster';
