/** Init containers that wait for other workloads. */
import { type AppModel, namespaceOf, type Workload } from '../app-model';
import type { Rule } from '../rule';

/** Programs by which init containers wait for something. */
const WAITS =
  /\b(?:nslookup|nc|ncat|wget|curl|until|wait-for|wait-for-it|pg_isready|mysqladmin|redis-cli|dockerize|getent)\b/;

export const initCycle: Rule = {
  id: 'init-cycle',
  severity: 'error',
  see: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
  about:
    'Init containers that wait for each other (or for their own Pod) wait for ever: a Pod is no endpoint before they are done.',
  check(app, report) {
    const waiting = app.workloads.filter(({ pod }) => pod.initContainers?.some(waits));
    if (waiting.length === 0) return;
    const edges = new Map(waiting.map((workload) => [workload, waitsFor(app, workload)]));
    const told = new Set<Workload>();
    for (const start of waiting) {
      const circle = told.has(start) ? undefined : findCircle(edges, start);
      if (circle === undefined) continue;
      for (const workload of circle) told.add(workload);
      const names = [...circle, start].map(({ object }) => `${object.kind} "${object.metadata.name}"`).join(' -> ');
      report(start.object, {
        field: `${start.field}.initContainers`,
        message: `init containers wait for each other in a circle: ${names}`,
        fix: 'let one of them start without the other, and try again until it is there',
      });
    }
  },
};

const textOf = ({ command = [], args = [] }: { command?: readonly string[]; args?: readonly string[] }) =>
  [...command, ...args].join(' ');

/** A sidecar goes on by itself; the Pod does not wait for its end. */
const waits = (container: { command?: string[]; args?: string[]; restartPolicy?: string }) =>
  container.restartPolicy !== 'Always' && WAITS.test(textOf(container));

/** The workloads behind the Services whose names its init containers use. */
function waitsFor(app: AppModel, { pod, namespace }: Workload): readonly Workload[] {
  const text = (pod.initContainers ?? []).filter(waits).map(textOf).join(' ');
  const words = new Set(text.split(/[^a-zA-Z0-9-]+/));
  return app.all('v1/Service').flatMap((service) => {
    const { selector, publishNotReadyAddresses } = service.spec ?? {};
    if (namespaceOf(service) !== namespace || !words.has(service.metadata.name ?? '')) return [];
    if (!selector || publishNotReadyAddresses) return [];
    const behind = app.workloadsMatching(namespace, { matchLabels: selector });
    // With several workloads behind it, one of them may answer.
    return behind.length === 1 ? behind : [];
  });
}

function findCircle(edges: ReadonlyMap<Workload, readonly Workload[]>, start: Workload): Workload[] | undefined {
  const path: Workload[] = [];
  const seen = new Set<Workload>();
  const visit = (workload: Workload): boolean => {
    if (workload === start && path.length > 0) return true;
    if (seen.has(workload)) return false;
    seen.add(workload);
    path.push(workload);
    if ((edges.get(workload) ?? []).some(visit)) return true;
    path.pop();
    return false;
  };
  return visit(start) ? path : undefined;
}
