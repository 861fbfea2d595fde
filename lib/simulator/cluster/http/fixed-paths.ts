/**
 * Paths that are no resources: version, health, discovery, OpenAPI.
 * https://kubernetes.io/docs/reference/using-api/health-checks/
 */

import { StatusError } from '../../../kubernetes/status-error';
import type { ApiServer } from '../api-server/api-server';
import { methodNotAllowed } from '../api-server/api-server';
import {
  aggregatedDiscovery,
  coreVersions,
  discoveryContentType,
  discoveryForm,
  groupDocument,
  groupList,
  resourceList,
} from './discovery';
import { contentTypeOf, type HttpRequest, NoSuchPath, type TextAnswer, textAnswer } from './door';
import { negotiate } from './negotiation';
import { answerOpenApi } from './openapi';
import { encode } from './render';

const TEXT = 'text/plain; charset=utf-8';

export function answerFixedPath(server: ApiServer, request: HttpRequest, serverAddress: string): TextAnswer {
  const { path, query } = request;
  const health = healthText(path, query);
  if (health) return textAnswer(health.status, TEXT, health.text, { 'x-content-type-options': 'nosniff' });
  const parts = path.split('/').filter((part) => part !== '');
  switch (parts[0]) {
    case undefined:
      return textAnswer(200, 'application/json', JSON.stringify({ paths: ROOT_PATHS }));
    case 'version':
      return document(request, VERSION);
    case 'api':
    case 'apis':
      return answerDiscovery(server, request, parts, serverAddress);
    case 'openapi':
      return answerOpenApi(server.resources, request);
    case '.well-known':
      return textAnswer(200, 'application/json', JSON.stringify(openIdConfiguration(serverAddress)));
    case 'openid':
      negotiateKeys(request);
      return textAnswer(200, 'application/jwk-set+json', JSON.stringify(server.tokens.keys()));
    default:
      throw new NoSuchPath();
  }
}

const ROOT_PATHS = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

function document(request: HttpRequest, value: object): TextAnswer {
  if (request.method !== 'GET') throw methodNotAllowed();
  const form = negotiate(request.headers.accept, { collection: false });
  return textAnswer(200, contentTypeOf(form), encode(value, form));
}

function answerDiscovery(
  server: ApiServer,
  request: HttpRequest,
  [root, ...rest]: readonly string[],
  serverAddress: string,
): TextAnswer {
  const { resources } = server;
  if (rest.length === 0) {
    const form = discoveryForm(request.headers.accept);
    if (form && request.method === 'GET') {
      const body = JSON.stringify(aggregatedDiscovery(resources, form, root === 'api'));
      return textAnswer(200, discoveryContentType(form), body, { vary: 'Accept' });
    }
    if (root === 'api') return document(request, coreVersions(serverAddress));
    // The list of groups answers to every method.
    return document({ ...request, method: 'GET' }, groupList(resources));
  }
  const [first = '', second] = rest;
  const found =
    root === 'api'
      ? resourceList(resources, '', first)
      : second === undefined
        ? groupDocument(resources, first)
        : resourceList(resources, first, second);
  if (!found) throw new NoSuchPath();
  return document(request, found);
}

function openIdConfiguration(serverAddress: string): object {
  return {
    issuer: 'https://kubernetes.default.svc',
    jwks_uri: `https://${serverAddress}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** The keys have a media type of their own, and are served to nobody who does not ask for it. */
function negotiateKeys({ headers }: HttpRequest): void {
  const accept = headers.accept ?? '*/*';
  if (!accept.includes('*/*') && !accept.includes('application/jwk-set+json')) {
    throw new StatusError(
      406,
      'NotAcceptable',
      'only the following media types are accepted: application/jwk-set+json',
    );
  }
}

/** What `kubectl version` and Helm's `.Capabilities` see. */
export const VERSION = {
  major: '1',
  minor: '35',
  emulationMajor: '1',
  emulationMinor: '35',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '34',
  gitVersion: 'v1.35.6',
  gitCommit: '$Format:%H$',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const HEALTH_PATHS = new Set(['healthz', 'livez', 'readyz']);

/** The checks that `?verbose` lists. They are the real server's; here they are always well. */
const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-wait-for-first-sync',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

/** The text of a health answer; undefined when there is no such check. */
export function healthText(path: string, query: URLSearchParams): { status: number; text: string } | undefined {
  const [endpoint = '', check, ...rest] = path.split('/').slice(1);
  if (!HEALTH_PATHS.has(endpoint)) return undefined;
  if (check !== undefined && check !== '') {
    const known = CHECKS.includes([check, ...rest].join('/'));
    return known ? { status: 200, text: 'ok' } : { status: 404, text: '404 page not found\n' };
  }
  if (!query.has('verbose')) return { status: 200, text: 'ok' };
  const lines = CHECKS.map((name) => `[+]${name} ok\n`).join('');
  return { status: 200, text: `${lines}${endpoint} check passed\n` };
}
