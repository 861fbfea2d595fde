/**
 * Jest matchers for applications and clusters. Importing eks-drydock/testing adds them to `expect`; nothing has to be configured.
 */
import type { KubernetesObject } from '../kubernetes/object';
import { readinessOf } from '../kubernetes/readiness';
import { StatusError } from '../kubernetes/status-error';
import { synthesize } from '../manifests/synthesis';
import { describeFinding, validate } from '../manifests/validation/validate';
import { isConstruct } from './constructs';
import type { EventFilter } from './event-lines';
import { type Exposure, findExposure } from './exposure';
import { mismatches } from './partial-match';
import { readinessIn } from './readiness-report';
import { type Applicable, clusterOf, startCluster, TestCluster } from './test-cluster';

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What a test expects of an object; fields that are not named may be anything. */
export type PartialObject = { readonly [field: string]: unknown };

const result = (pass: boolean, message: string): MatcherResult => ({ pass, message: () => message });

const nameOf = ({ kind, metadata }: KubernetesObject) =>
  `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name}`;

function objectsIn(received: unknown): readonly KubernetesObject[] {
  if (received instanceof TestCluster)
    throw new TypeError('list the objects that you mean: expect(cluster.list("Pod"))');
  if (isConstruct(received)) return synthesize(received);
  return Array.isArray(received) ? received : [received as KubernetesObject];
}

export const matchers = {
  /** An App, a Chart or a list holds an object with these fields. */
  toContainObject(received: unknown, expected: PartialObject): MatcherResult {
    const objects = objectsIn(received);
    const wanted = JSON.stringify(expected);
    const differences = objects.map((object) => ({ object, wrong: mismatches(object, expected) }));
    if (differences.some(({ wrong }) => wrong.length === 0)) return result(true, `expected no object like ${wanted}`);
    const sameKind = differences.filter(({ object }) => expected.kind === undefined || object.kind === expected.kind);
    const [closest] = sameKind.sort((a, b) => a.wrong.length - b.wrong.length);
    if (closest === undefined) {
      const kinds = [...new Set(objects.map(({ kind }) => kind))].join(', ') || 'nothing';
      return result(false, `expected an object like ${wanted}, but there is no ${expected.kind} (there is ${kinds})`);
    }
    const lines = closest.wrong.map((line) => `  ${line}`).join('\n');
    return result(false, `expected an object like ${wanted}\nthe closest is ${nameOf(closest.object)}:\n${lines}`);
  },

  /** Traffic from a Service (with `host`, from an Ingress or a route) reaches the Pods of a workload. */
  toExpose(received: unknown, workload: string, by: Exposure = {}): MatcherResult {
    const { found, missing } = findExposure(objectsIn(received), workload, by);
    const wanted = Object.keys(by).length === 0 ? '' : ` by ${JSON.stringify(by)}`;
    if (found !== undefined)
      return result(true, `expected ${workload} not to be exposed${wanted}, but ${found} does it`);
    return result(false, `expected ${workload} to be exposed${wanted}, but ${missing}`);
  },

  /** An object is what its spec asks for; everything that was applied to a cluster is. */
  toBeReady(received: unknown): MatcherResult {
    if (received instanceof TestCluster) {
      const waiting = received.notReady();
      return result(
        waiting.length === 0,
        waiting.length === 0 ? 'expected something not to be ready' : `not ready:\n  ${waiting.join('\n  ')}`,
      );
    }
    const object = received as KubernetesObject;
    const owner = clusterOf(object);
    const { status, message } = owner ? readinessIn(owner.client, object) : readinessOf(object);
    const not = status === 'Current' ? ' not' : '';
    return result(
      status === 'Current',
      `expected ${nameOf(object)}${not} to be ready, but it is ${status}: ${message}`,
    );
  },

  /** A component of the cluster reported this. */
  toHaveEvent(received: TestCluster, expected: EventFilter & { readonly message?: string | RegExp }): MatcherResult {
    const events = received.events(expected);
    const { message } = expected;
    const found = events.filter((event) => {
      if (message === undefined) return true;
      return typeof message === 'string' ? event.message.includes(message) : message.test(event.message);
    });
    const wanted = JSON.stringify({ ...expected, ...(message instanceof RegExp ? { message: String(message) } : {}) });
    if (found.length > 0) return result(true, `expected no event like ${wanted}`);
    const others = received.events({ ...(expected.about ? { about: expected.about } : {}) });
    const lines = others.map(({ type, reason, about, message: text }) => `  ${type} ${reason} ${about}: ${text}`);
    return result(false, `expected an event like ${wanted}; there are:\n${lines.slice(-20).join('\n') || '  none'}`);
  },

  /** Nothing is known to be wrong with an application: neither errors nor warnings. */
  toHaveNoFindings(received: Parameters<typeof validate>[0]): MatcherResult {
    const findings = validate(received);
    return result(
      findings.length === 0,
      findings.length === 0 ? 'expected findings' : findings.map(describeFinding).join('\n\n'),
    );
  },

  /** A cluster takes all of it; nothing is changed. */
  toBeAdmittedBy(received: Applicable, cluster: TestCluster): MatcherResult {
    const refused = cluster.refusals(received);
    const lines = refused.map(({ object, error }) => `  ${nameOf(object)}: ${error.message}`);
    return result(
      refused.length === 0,
      refused.length === 0 ? 'expected the cluster to refuse something' : `refused:\n${lines.join('\n')}`,
    );
  },

  /** Applied to a new cluster, everything is ready within this much virtual time. */
  toRollOutWithin(
    received: Applicable,
    within: number | string,
    options: { readonly nodes?: number } = {},
  ): MatcherResult {
    const cluster = startCluster(options);
    try {
      cluster.apply(received);
      cluster.untilReady(within);
      return result(true, `expected it not to be ready within ${within}`);
    } catch (error) {
      if (error instanceof StatusError || (error instanceof Error && error.name === 'SimulationTimeout')) {
        return result(false, error.message);
      }
      throw error;
    }
  },
};
