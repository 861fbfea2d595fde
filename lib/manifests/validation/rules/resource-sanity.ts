/** Amounts whose unit was forgotten. */
import { isQuantity, parseQuantity } from '../../../kubernetes/quantity';
import type { Rule } from '../rule';

/** The largest machine that EC2 rents by the hour has 1,920; what is written without `m` is nearly always above. */
const LARGEST_CPU = 448;
/** No process starts in less: the runtime itself needs some megabytes. */
const SMALLEST_MEMORY = 1024 * 1024;

export const resourceUnit: Rule = {
  id: 'resource-unit',
  severity: 'warning',
  see: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu',
  about:
    'A CPU is a whole core and memory is in bytes: `cpu: 500` fits no node, and nothing starts with `memory: 512`.',
  check(app, report) {
    for (const { object, containers } of app.workloads) {
      for (const { container, field } of containers) {
        const { resources } = container;
        if (resources === undefined) continue;
        for (const list of ['requests', 'limits'] as const) {
          const { cpu, memory } = resources[list] ?? {};
          if (cpu !== undefined && amount(cpu) > LARGEST_CPU) {
            report(object, {
              field: `${field}.resources.${list}.cpu`,
              message: `container "${container.name}" ${verb(list)} ${cpu} CPUs, more than any usual node has`,
              fix: `write ${cpu}m for thousandths of a CPU`,
            });
          }
          if (memory !== undefined && amount(memory) < SMALLEST_MEMORY && amount(memory) > 0) {
            report(object, {
              field: `${field}.resources.${list}.memory`,
              message: `container "${container.name}" ${verb(list)} ${memory} of memory, which is ${amount(memory)} bytes`,
              fix: `write ${Number.parseFloat(String(memory))}Mi for mebibytes`,
            });
          }
        }
      }
    }
  },
};

const verb = (list: 'requests' | 'limits') => (list === 'requests' ? 'requests' : 'is limited to');

function amount(quantity: string | number): number {
  return isQuantity(quantity) ? Number(parseQuantity(quantity).nano) / 1e9 : Number.NaN;
}
