/** ResourceQuotas: how much a namespace may use. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import { roundToMilli } from './pod/defaults';

export const resourceQuota = defineKind({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  defaults: ({ spec, status }) => {
    roundToMilli(spec?.hard);
    roundToMilli(status?.hard);
    roundToMilli(status?.used);
  },
  status: {},
  cells: (object, context) => {
    const { hard = {}, used = {} } = object.status ?? {};
    const texts = Object.keys(hard)
      .sort()
      .map((name) => ({ name, text: `${name}: ${used[name] ?? '0'}/${hard[name]}` }));
    const isLimit = ({ name }: { name: string }) => name.startsWith('limits');
    return [
      object.metadata.name!,
      texts
        .filter((quota) => !isLimit(quota))
        .map(({ text }) => text)
        .join(', '),
      texts
        .filter(isLimit)
        .map(({ text }) => text)
        .join(', '),
      age(object, context),
    ];
  },
});
