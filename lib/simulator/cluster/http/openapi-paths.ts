/** The paths of an OpenAPI document: which operations each resource has, on which kind. */
import type { ServedResource } from '../api-server/resources';
import { typeNameOf } from './openapi';

const BODY_TYPES = ['*/*'];
const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const LIST_TYPES = [
  ...OBJECT_TYPES,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];

export function pathsOf(resources: readonly ServedResource[]): Record<string, unknown> {
  const paths: Record<string, unknown> = {};
  for (const resource of resources) addResource(paths, resource);
  return paths;
}

function addResource(paths: Record<string, unknown>, resource: ServedResource): void {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${root}${scope}/${resource.resource}`;
  const collectionVerbs = ['list', 'create', 'deletecollection'].filter((verb) => resource.verbs.has(verb));
  if (collectionVerbs.length > 0) paths[collection] = operations(resource, collectionVerbs);
  const objectVerbs = ['get', 'update', 'patch', 'delete'].filter((verb) => resource.verbs.has(verb));
  if (objectVerbs.length > 0) paths[`${collection}/{name}`] = operations(resource, objectVerbs);
  if (resource.namespaced && resource.verbs.has('list')) {
    paths[`${root}/${resource.resource}`] = operations(resource, ['list']);
  }
  for (const { subresource, verbs, responseKind } of resource.subresources.values()) {
    const kind = { kind: responseKind.kind, group: responseKind.group, version: responseKind.version };
    paths[`${collection}/{name}/${subresource}`] = operations(resource, verbs, kind);
  }
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

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function operations(resource: ServedResource, verbs: readonly string[], other?: Kind): Record<string, unknown> {
  const kind = {
    group: other?.group || resource.group,
    version: other?.version || resource.version,
    kind: other?.kind ?? resource.kind,
  };
  return Object.fromEntries(verbs.map((verb) => [METHODS[verb], operation(resource, verb, kind)]));
}

function operation(resource: ServedResource, verb: string, kind: Kind): object {
  const type = `#/components/schemas/${typeNameOf(resource)}`;
  const answer = verb === 'list' ? `${type}List` : type;
  const answerTypes = verb === 'list' ? LIST_TYPES : OBJECT_TYPES;
  return {
    parameters: parametersOf(verb),
    ...(hasBody(verb) ? { requestBody: requestBody(resource, verb, type) } : {}),
    responses: { '200': { description: 'OK', content: content(answerTypes, answer) } },
    'x-kubernetes-action': ACTIONS[verb] ?? verb,
    'x-kubernetes-group-version-kind': kind,
  };
}

const hasBody = (verb: string): boolean => verb === 'create' || verb === 'update' || verb === 'patch';

function requestBody(resource: ServedResource, verb: string, type: string): object {
  if (verb !== 'patch') return { content: content(BODY_TYPES, type), required: true };
  const types = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  if (!resource.custom) types.push('application/strategic-merge-patch+json');
  return { content: content(types, '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch'), required: true };
}

const content = (types: readonly string[], $ref: string): object =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref } }]));

function parametersOf(verb: string): object[] {
  if (hasBody(verb)) {
    const names = ['dryRun', 'fieldManager', 'fieldValidation', ...(verb === 'patch' ? ['force'] : [])];
    return names.map((name) => queryParameter(name, name === 'force' ? 'boolean' : 'string'));
  }
  if (verb === 'list') {
    const texts = ['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'];
    return [
      queryParameter('allowWatchBookmarks', 'boolean'),
      ...texts.map((name) => queryParameter(name, 'string')),
      queryParameter('limit', 'integer'),
      queryParameter('sendInitialEvents', 'boolean'),
      queryParameter('timeoutSeconds', 'integer'),
      queryParameter('watch', 'boolean'),
    ];
  }
  if (verb === 'delete') {
    return [
      queryParameter('dryRun', 'string'),
      queryParameter('gracePeriodSeconds', 'integer'),
      queryParameter('propagationPolicy', 'string'),
    ];
  }
  return [];
}

const queryParameter = (name: string, type: string): object => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});
