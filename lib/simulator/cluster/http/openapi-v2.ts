/**
 * OpenAPI 2.0: one document with every path and every type, made from the same table as version 3, custom resources included.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v2
 *
 * It knows less than version 3: a reference stands alone, there are no defaults and no alternatives.
 */
import type { OpenApiSchema } from '../../../kubernetes/schema/data';
import { schemas } from '../../../kubernetes/schema/schemas.generated';
import type { ResourceRegistry, ServedResource } from '../api-server/resources';
import { type Operation, operationsOf, type Parameter, typeNameOf } from './openapi-paths';

const PREFIX = '#/definitions/';

export function makeV2Document(resources: ResourceRegistry): Record<string, unknown> {
  const served = resources.groups().flatMap(({ versions }) => versions.flatMap((version) => version.resources));
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.35.6' },
    paths: Object.fromEntries(served.flatMap(pathsOf)),
    definitions: definitionsOf(served),
  };
}

function pathsOf(resource: ServedResource): [string, object][] {
  const byPath = new Map<string, Record<string, unknown>>();
  for (const operation of operationsOf(resource)) {
    const item = byPath.get(operation.path) ?? {};
    item[operation.method] = operationOf(resource, operation);
    byPath.set(operation.path, item);
  }
  return [...byPath].map(([path, item]) => [path, { ...item, parameters: pathParameters(path) }]);
}

function operationOf({ group, version }: ServedResource, operation: Operation): object {
  const { kind, action, body, answer, parameters, answerTypes } = operation;
  return {
    consumes: body?.types ?? ['*/*'],
    produces: answerTypes,
    schemes: ['https'],
    tags: [tagOf(group, version)],
    parameters: [...(body ? [bodyParameter(body.type)] : []), ...parameters.map(queryParameter)],
    responses: { '200': { description: 'OK', schema: reference(answer) }, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

/** `apps_v1`, `core_v1`, `rbacAuthorization_v1` */
function tagOf(group: string, version: string): string {
  const [first = '', ...rest] = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.');
  return `${first}${rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}_${version}`;
}

const bodyParameter = (type: string): object => ({ in: 'body', name: 'body', required: true, schema: reference(type) });
const queryParameter = ({ name, type }: Parameter): object => ({ in: 'query', name, type, uniqueItems: true });

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    in: 'path',
    name,
    required: true,
    type: 'string',
    uniqueItems: true,
  }));
}

const reference = (type: string): object => ({ $ref: `${PREFIX}${type}` });

function definitionsOf(served: readonly ServedResource[]): Record<string, unknown> {
  const groupVersions = [
    ...new Map(served.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values(),
  ];
  const out: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const type = simplify(schema);
    if (schema['x-kubernetes-group-version-kind'] === 'all') {
      type['x-kubernetes-group-version-kind'] = groupVersions.map((each) => ({ ...each, kind: 'DeleteOptions' }));
    }
    out[name] = type;
  }
  for (const resource of served) {
    if (!resource.openApiSchema) continue;
    const { group, version, kind } = resource;
    const name = typeNameOf(resource);
    out[name] = simplify(resource.openApiSchema as OpenApiSchema);
    out[`${name}List`] = listType(name, { group, version, kind: `${kind}List` });
  }
  return out;
}

function listType(name: string, kind: object): object {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: reference(name) },
      kind: { type: 'string' },
      metadata: reference('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta'),
    },
    'x-kubernetes-group-version-kind': [kind],
  };
}

/** What version 2 cannot say. */
const DROPPED = new Set(['default', 'oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'ref', '$ref', 'enum']);

function simplify(schema: OpenApiSchema): Record<string, unknown> {
  const target = schema.ref ?? referenceOf(schema);
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) if (!DROPPED.has(key)) out[key] = value;
  if (target !== undefined) return { ...descriptionOf(schema), ...reference(target), ...extensionsOf(schema) };
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string']) out.type ??= 'string';
  if (schema.properties) {
    out.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, field]) => [name, simplify(field)]),
    );
  }
  if (schema.items) out.items = simplify(schema.items);
  if (typeof schema.additionalProperties === 'object') out.additionalProperties = simplify(schema.additionalProperties);
  return out;
}

/** Types of custom resources point in the words of version 3. */
function referenceOf({ $ref, allOf }: OpenApiSchema): string | undefined {
  const pointer = ($ref ?? (allOf as { $ref?: string }[] | undefined)?.[0]?.$ref) as string | undefined;
  return pointer?.split('/').pop();
}

const descriptionOf = ({ description }: OpenApiSchema): object => (description === undefined ? {} : { description });

const extensionsOf = (schema: OpenApiSchema): object =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key.startsWith('x-')));
