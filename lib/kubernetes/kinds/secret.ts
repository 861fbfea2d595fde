/** Secrets: data not for everybody's eyes. https://kubernetes.io/docs/concepts/configuration/secret/ */

import { type ErrorList, root } from '../field-errors';
import type { KubernetesObject } from '../object';
import { check, configMapKey } from '../validation/names';
import { immutable } from '../validation/object-meta';
import { age } from './cells';
import { defineKind } from './define-kind';
import { base64Length, validateFrozen } from './frozen-data';
import { jsonObjectProblem } from './go-json-errors';
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

/** All values together: 1 MiB. */
const MAX_BYTES = 1024 * 1024;
const DATA = root('data');
const ACCOUNT = 'kubernetes.io/service-account.name';

function validate({ metadata, data = {}, type }: KubernetesObject, errors: ErrorList): void {
  let bytes = 0;
  for (const key in data) {
    check(key, configMapKey, DATA.key(key), errors);
    bytes += base64Length(data[key] ?? '');
  }
  if (bytes > MAX_BYTES) errors.tooLong(DATA, MAX_BYTES);
  const need = (key: string) => {
    if (data[key] === undefined) errors.required(DATA.key(key));
  };
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[ACCOUNT]) errors.required(root('metadata').child('annotations').key(ACCOUNT));
      break;
    case 'kubernetes.io/dockercfg':
      validateJson(data, '.dockercfg', errors);
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateJson(data, '.dockerconfigjson', errors);
      break;
    case 'kubernetes.io/basic-auth':
      if (data.username === undefined && data.password === undefined) ['username', 'password'].forEach(need);
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.required(DATA.key('ssh-privatekey'));
      break;
    case 'kubernetes.io/tls':
      ['tls.crt', 'tls.key'].forEach(need);
  }
}

function validateJson(data: Record<string, string>, key: string, errors: ErrorList): void {
  if (data[key] === undefined) {
    errors.required(DATA.key(key));
    return;
  }
  const problem = jsonObjectProblem(textOfBase64(data[key]));
  if (problem) errors.invalid(DATA.key(key), '<secret contents redacted>', problem);
}

const textOfBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));

export const secret = defineKind({
  apiVersion: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  defaults,
  validate,
  validateUpdate: (next, old, errors) => {
    immutable(next.type, old.type, root('type'), errors);
    validateFrozen(next, old, ['data'], errors);
    validate(next, errors);
  },
  warnings: ({ type, data }) => (type === 'kubernetes.io/tls' ? tlsWarnings(data) : []),
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

/** A certificate and key that clients will not be able to use. Only their outer form is looked at. */
function tlsWarnings(data: Record<string, string> | undefined): string[] {
  const certificate = textOfBase64(data?.['tls.crt'] ?? '');
  const key = textOfBase64(data?.['tls.key'] ?? '');
  if (!certificate.includes('-----BEGIN ')) return ['tls: failed to find any PEM data in certificate input'];
  if (!certificate.includes('-----BEGIN CERTIFICATE-----')) {
    const found = /-----BEGIN ([^-]+)-----/.exec(certificate)?.[1];
    return [
      `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${found}]`,
    ];
  }
  return key.includes('-----BEGIN ') ? [] : ['tls: failed to find any PEM data in key input'];
}
