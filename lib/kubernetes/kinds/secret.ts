/** Secrets: data not for everybody's eyes. https://kubernetes.io/docs/concepts/configuration/secret/ */
import { age } from './cells';
import { defineKind } from './define-kind';
import type { Draft } from './kind-definition';

function defaults(draft: Draft): void {
  if (!draft.type) draft.type = 'Opaque';
  if (draft.stringData) {
    draft.data ??= {};
    for (const [key, text] of Object.entries<string>(draft.stringData)) draft.data[key] = base64(text);
    delete draft.stringData;
  }
}

const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

export const secret = defineKind({
  apiVersion: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  defaults,
  prepareForUpdate: (next, old) => {
    // An empty type means: the type that it had.
    if (!next.type) next.type = old.type;
  },
  selectableFields: { type: (object) => object.type ?? '' },
  cells: (object, context) => [
    object.metadata.name!,
    object.type ?? '',
    Object.keys(object.data ?? {}).length,
    age(object, context),
  ],
});
