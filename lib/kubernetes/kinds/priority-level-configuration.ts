/** PriorityLevelConfigurations: shares of the API server's attention. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */

import type { KubernetesObject } from '../object';
import { age } from './cells';
import { defineKind } from './define-kind';
import { validateLevelStatus } from './flow-control-rules';
import type { Cell, CellContext, Draft } from './kind-definition';
import { validatePriorityLevel } from './priority-level-rules';

function defaults({ spec }: Draft): void {
  const { limited, exempt } = spec;
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const { queuing } = limited.limitResponse ?? {};
  if (!queuing) return;
  if (!queuing.handSize) queuing.handSize = 8;
  if (!queuing.queues) queuing.queues = 64;
  if (!queuing.queueLengthLimit) queuing.queueLengthLimit = 50;
}

export const priorityLevelConfiguration = defineKind({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  resource: 'prioritylevelconfigurations',
  metadataCheckedOnce: true,
  namespaced: false,
  defaults,
  generation: 'spec',
  status: { resets: 'spec and metadata', validate: (next, _old, errors) => validateLevelStatus(next, errors) },
  validate: validatePriorityLevel,
  cells,
});

function cells(object: KubernetesObject, context: CellContext): Cell[] {
  const { type, limited, exempt } = object.spec ?? {};
  const queuing = limited?.limitResponse?.queuing;
  return [
    object.metadata.name!,
    type ?? '',
    limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? '<none>',
    queuing?.queues ?? '<none>',
    queuing?.handSize ?? '<none>',
    queuing?.queueLengthLimit ?? '<none>',
    age(object, context),
  ];
}
