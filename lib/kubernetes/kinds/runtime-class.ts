/** RuntimeClasses: what runs the containers of a Pod. https://kubernetes.io/docs/concepts/containers/runtime-class/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import { roundToMilli } from './pod/defaults';

export const runtimeClass = defineKind({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  resource: 'runtimeclasses',
  namespaced: false,
  defaults: ({ overhead }) => roundToMilli(overhead?.podFixed),
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  cells: (object, context) => [object.metadata.name!, object.handler ?? '', age(object, context)],
});
