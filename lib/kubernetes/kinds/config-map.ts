/** ConfigMaps: configuration as keys and values. https://kubernetes.io/docs/concepts/configuration/configmap/ */
import { age } from './cells';
import { defineKind } from './define-kind';

export const configMap = defineKind({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  cells: (object, context) => [
    object.metadata.name!,
    Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
    age(object, context),
  ],
});
