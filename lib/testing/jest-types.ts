/** Tells TypeScript of the matchers, for everybody who writes `expect(...)` with @types/jest. */
import type { EventFilter } from './event-lines';
import type { Exposure } from './exposure';
import type { PartialObject } from './matchers';
import type { TestCluster } from './test-cluster';

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: declarations of one interface must have the same parameters
    interface Matchers<R, T = {}> {
      /**
       * An App, a Chart or a list of objects holds one with these fields. Lists whose items have names are compared by
       * name; matchers such as `expect.any(String)` may stand anywhere.
       * @example expect(app).toContainObject({ kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 3 } });
       */
      toContainObject(expected: PartialObject): R;
      /**
       * Traffic reaches the Pods of a workload, which is named as `Deployment/web`: through a Service, and with `host` through an Ingress.
       * @example expect(app).toExpose('Deployment/web', { host: 'shop.example.com', path: '/' });
       */
      toExpose(workload: string, by?: Exposure): R;
      /**
       * An object is what its spec asks for, as `drydock up` and `kubectl rollout status` judge it; a cluster: all that was applied.
       * @example expect(cluster.get('Deployment', 'web')).toBeReady();
       */
      toBeReady(): R;
      /** @example expect(cluster).toHaveEvent({ about: 'Pod/web', reason: 'FailedScheduling' }); */
      toHaveEvent(expected: EventFilter & { readonly message?: string | RegExp }): R;
      /** Nothing is known to be wrong with an App, a Chart or a list of objects. */
      toHaveNoFindings(): R;
      /** A cluster would take all of it; nothing is changed. */
      toBeAdmittedBy(cluster: TestCluster): R;
      /**
       * Applied to a cluster of its own, everything is ready within this much virtual time.
       * @example expect(app).toRollOutWithin('2m');
       */
      toRollOutWithin(within: number | string, options?: { readonly nodes?: number }): R;
    }
  }
}
