/**
 * The nginx image: the files below /usr/share/nginx/html on port 80, an access log on the standard output.
 * https://hub.docker.com/_/nginx
 *
 * Of its configuration only `listen` and `root` of /etc/nginx/conf.d/*.conf are followed, and `return <code> <text>`.
 */
import type { HttpRequest, HttpResponse } from '../../network/http-message';
import type { ContainerView, ImageBehaviour } from '../image-behaviour';
import { contentType, errorPage } from './static-files';

const ROOT = '/usr/share/nginx/html';
const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>
<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;
const CONFIGURATION = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   ${ROOT};
        index  index.html index.htm;
    }
}
`;

export const nginx: ImageBehaviour = {
  sizeBytes: 72_000_000,
  user: 0,
  entrypoint: ['/docker-entrypoint.sh'],
  command: ['nginx', '-g', 'daemon off;'],
  env: { NGINX_VERSION: '1.29.3' },
  files: {
    [`${ROOT}/index.html`]: WELCOME,
    '/etc/nginx/conf.d/default.conf': CONFIGURATION,
    '/etc/nginx/nginx.conf': 'http {\n    include /etc/nginx/conf.d/*.conf;\n}\n',
  },
  ports: (container) => serversOf(container).map(({ port }) => port),
  http: answer,
  logs: ({ startedAt }) => [
    '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
    '/docker-entrypoint.sh: Configuration complete; ready for start up',
    `${errorTime(startedAt)} [notice] 1#1: using the "epoll" event method`,
    `${errorTime(startedAt)} [notice] 1#1: nginx/1.29.3`,
    `${errorTime(startedAt)} [notice] 1#1: start worker processes`,
  ],
};

interface Server {
  readonly port: number;
  readonly root: string;
  /** What every request is answered with, in place of files. */
  readonly fixed?: { readonly status: number; readonly body: string };
}

const parsed = new Map<string, readonly Server[]>();

function serversOf(container: ContainerView): readonly Server[] {
  const { files } = container;
  const names = files.isDirectory('/etc/nginx/conf.d') ? files.list('/etc/nginx/conf.d') : [];
  const paths = names.filter((name) => name.endsWith('.conf')).map((name) => `/etc/nginx/conf.d/${name}`);
  const text = [files.tryRead('/etc/nginx/nginx.conf')?.text ?? '', ...paths.map((path) => files.read(path))].join(
    '\n',
  );
  let servers = parsed.get(text);
  if (!servers) {
    servers = parseServers(text);
    if (parsed.size < 1_000) parsed.set(text, servers);
  }
  return servers;
}

function parseServers(text: string): Server[] {
  const servers: Server[] = [];
  for (const block of text.split(/\bserver\s*\{/).slice(1)) {
    const port = Number(/\blisten\s+(?:[^\s;]*:)?(\d+)/.exec(block)?.[1] ?? 80);
    const root = /\broot\s+([^;\s]+)/.exec(block)?.[1] ?? ROOT;
    const fixed = /\breturn\s+(\d{3})(?:\s+(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^;\s]+)))?\s*;/.exec(block);
    const body = fixed ? (fixed[2] ?? fixed[3] ?? fixed[4] ?? '').replace(/\\n/g, '\n') : '';
    servers.push({ port, root, ...(fixed ? { fixed: { status: Number(fixed[1]), body } } : {}) });
  }
  return servers;
}

function answer(request: HttpRequest, container: ContainerView, port: number): HttpResponse {
  const server = serversOf(container).find((each) => each.port === port) ?? { port, root: ROOT };
  const response = respond(request, container, server);
  const { method = 'GET', path, headers = {}, clientIp = '-' } = request;
  const agent = headers['user-agent'] ?? '-';
  container.log(
    `${clientIp} - - [${accessTime(container.now())}] "${method} ${path} HTTP/1.1" ${response.status} ${response.body.length} "${headers.referer ?? '-'}" "${agent}" "${headers['x-forwarded-for'] ?? '-'}"\n`,
  );
  return response;
}

function respond({ path }: HttpRequest, { files, hostName }: ContainerView, server: Server): HttpResponse {
  const headers = { server: 'nginx/1.29.3' };
  if (server.fixed) {
    const body = server.fixed.body.replaceAll('$hostname', hostName);
    return { status: server.fixed.status, headers: { ...headers, 'content-type': 'text/plain' }, body };
  }
  const clean = decodeURIComponent(path.split('?')[0]!);
  const file = `${server.root}${clean.endsWith('/') ? `${clean}index.html` : clean}`;
  const found = files.tryRead(file);
  if (found) return { status: 200, headers: { ...headers, 'content-type': contentType(file) }, body: found.text };
  const status = clean.endsWith('/') && files.isDirectory(`${server.root}${clean}`) ? 403 : 404;
  return { status, headers: { ...headers, 'content-type': 'text/html' }, body: errorPage(status, 'nginx/1.29.3') };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:09:22:47 +0000` */
export function accessTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

function errorTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}
