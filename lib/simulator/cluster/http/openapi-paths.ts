/** The paths of an OpenAPI document: which operations each resource has, on which kind. */
import type { ServedResource } from '../api-server/resources';

const BODY_TYPES = ['*/*'];
const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const LIST_TYPES = [
  ...OBJECT_TYPES,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];

/** `com.example.v1.Widget` for custom resources, the table's name for built-in ones. */
export function typeNameOf(resource: ServedResource): string {
  if (resource.schema.typeName && !resource.custom) return resource.schema.typeName;
  return `${resource.group.split('.').reverse().join('.')}.${resource.version}.${resource.kind}`;
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
}

/** One method of one path, whatever version of OpenAPI tells of it. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly action: string;
  readonly kind: Kind;
  /** In the query. */
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly types: readonly string[]; readonly type: string };
  /** The name of the type that comes back. */
  readonly answer: string;
  readonly answerTypes: readonly string[];
}

export function operationsOf(resource: ServedResource): Operation[] {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${root}${scope}/${resource.resource}`;
  const served = (verbs: readonly string[]) => verbs.filter((verb) => resource.verbs.has(verb));
  const operations = [
    ...served(['list', 'create', 'deletecollection']).map((verb) => operation(resource, collection, verb)),
    ...served(['get', 'update', 'patch', 'delete']).map((verb) => operation(resource, `${collection}/{name}`, verb)),
  ];
  if (resource.namespaced && resource.verbs.has('list')) {
    operations.push(operation(resource, `${root}/${resource.resource}`, 'list'));
  }
  for (const { subresource, verbs, responseKind } of resource.subresources.values()) {
    const path = `${collection}/{name}/${subresource}`;
    operations.push(...verbs.map((verb) => operation(resource, path, verb, responseKind)));
  }
  return operations;
}

const METHODS: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

const ACTIONS: Readonly<Record<string, string>> = { create: 'post', update: 'put' };
const PATCH = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

function operation(resource: ServedResource, path: string, verb: string, other?: Kind): Operation {
  const type = typeNameOf(resource);
  return {
    path,
    method: METHODS[verb]!,
    action: ACTIONS[verb] ?? verb,
    kind: {
      group: other?.group || resource.group,
      version: other?.version || resource.version,
      kind: other?.kind ?? resource.kind,
    },
    parameters: parametersOf(verb),
    ...(hasBody(verb) ? { body: bodyOf(resource, verb, type) } : {}),
    answer: verb === 'list' ? `${type}List` : type,
    answerTypes: verb === 'list' ? LIST_TYPES : OBJECT_TYPES,
  };
}

const hasBody = (verb: string): boolean => verb === 'create' || verb === 'update' || verb === 'patch';

function bodyOf(resource: ServedResource, verb: string, type: string): { types: readonly string[]; type: string } {
  if (verb !== 'patch') return { types: BODY_TYPES, type };
  const types = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  if (!resource.custom) types.push('application/strategic-merge-patch+json');
  return { types, type: PATCH };
}

const parameters = (type: Parameter['type'], ...names: string[]): Parameter[] => names.map((name) => ({ name, type }));

const WRITE_PARAMETERS = parameters('string', 'dryRun', 'fieldManager', 'fieldValidation');
const PARAMETERS: Readonly<Record<string, readonly Parameter[]>> = {
  create: WRITE_PARAMETERS,
  update: WRITE_PARAMETERS,
  patch: [...WRITE_PARAMETERS, ...parameters('boolean', 'force')],
  list: [
    ...parameters('boolean', 'allowWatchBookmarks'),
    ...parameters('string', 'continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'),
    ...parameters('integer', 'limit'),
    ...parameters('boolean', 'sendInitialEvents'),
    ...parameters('integer', 'timeoutSeconds'),
    ...parameters('boolean', 'watch'),
  ],
  delete: [
    ...parameters('string', 'dryRun'),
    ...parameters('integer', 'gracePeriodSeconds'),
    ...parameters('string', 'propagationPolicy'),
  ],
};

const parametersOf = (verb: string): readonly Parameter[] => PARAMETERS[verb] ?? [];

/** The paths of a document of version 3. */
export function pathsOf(resources: readonly ServedResource[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of resources.flatMap(operationsOf)) {
    paths[each.path] ??= {};
    paths[each.path]![each.method] = v3Operation(each);
  }
  return paths;
}

function v3Operation({ parameters: query, body, answer, answerTypes, action, kind }: Operation): object {
  return {
    parameters: query.map(({ name, type }) => ({ name, in: 'query', schema: { type, uniqueItems: true } })),
    ...(body ? { requestBody: { content: content(body.types, body.type), required: true } } : {}),
    responses: { '200': { description: 'OK', content: content(answerTypes, answer) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

const content = (types: readonly string[], name: string): object =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref: `#/components/schemas/${name}` } }]));
