/**
 * Images of programming languages, curl, and small web servers that examples are made of.
 * https://hub.docker.com/_/python https://hub.docker.com/_/node https://hub.docker.com/r/hashicorp/http-echo
 *
 * No program is executed: of `python -m http.server` the web server is known, of others only that they run.
 */
import { type HttpRequest, type HttpResponse, textResponse } from '../../network/http-message';
import type { ContainerView, ImageBehaviour } from '../image-behaviour';
import { startShell } from '../shell/program';
import { accessTime } from './nginx';
import { contentType, errorPage } from './static-files';

/** `python3 -m http.server 8000 --directory /srv`: the port and the directory; undefined for other commands. */
function fileServerOf({ command, workingDir }: ContainerView): { port: number; root: string } | undefined {
  const words = command[1] === '-c' ? command[2]!.split(/\s+/) : command;
  const at = words.indexOf('http.server');
  if (at < 1 || words[at - 1] !== '-m') return undefined;
  const rest = words.slice(at + 1);
  const directory = rest.findIndex((word) => word === '-d' || word === '--directory');
  const port = rest.find((word) => /^\d+$/.test(word));
  return { port: Number(port ?? 8000), root: directory < 0 ? workingDir : rest[directory + 1]! };
}

function serveFiles({ method = 'GET', path, clientIp = '' }: HttpRequest, container: ContainerView): HttpResponse {
  const root = fileServerOf(container)?.root ?? '/';
  const { files } = container;
  const file = `${root}${decodeURIComponent(path.split('?')[0]!)}`;
  const isDirectory = files.isDirectory(file);
  const found = files.tryRead(isDirectory ? `${file}/index.html` : file);
  const status = found || isDirectory ? 200 : 404;
  container.log(
    `${clientIp} - - [${accessTime(container.now()).split(' ')[0]}] "${method} ${path} HTTP/1.1" ${status} -\n`,
    'stderr',
  );
  if (found) return { status, headers: { 'content-type': contentType(file) }, body: found.text };
  const names = isDirectory ? files.list(file).map((name) => `<li><a href="${name}">${name}</a></li>\n`) : [];
  const listing = `<title>Directory listing for ${path}</title>\n<ul>\n${names.join('')}</ul>\n`;
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: isDirectory ? listing : errorPage(404, 'SimpleHTTP'),
  };
}

export const python: ImageBehaviour = {
  sizeBytes: 50_000_000,
  command: ['python3'],
  ports: (container) => {
    const server = fileServerOf(container);
    return server ? [server.port] : container.declaredPorts;
  },
  http(request, container) {
    if (fileServerOf(container)) return serveFiles(request, container);
    return textResponse(`${container.image} in pod ${container.podName}: a program that is not simulated\n`);
  },
  logs: (container) => {
    const server = fileServerOf(container);
    return server ? [`Serving HTTP on 0.0.0.0 port ${server.port} (http://0.0.0.0:${server.port}/) ...`] : [];
  },
};

/** curlimages/curl: `args: [-s, http://web]` runs curl. */
export const curl: ImageBehaviour = {
  sizeBytes: 9_500_000,
  entrypoint: ['/entrypoint.sh'],
  command: ['curl'],
  user: 100,
  run(container) {
    const { command } = container;
    if (command[0] !== '/entrypoint.sh') return undefined;
    const words = command.slice(1);
    return startShell(container, /^(-|https?:)/.test(words[0] ?? '') ? ['curl', ...words] : words);
  },
};

/** hashicorp/http-echo: answers everything with the text of `-text`. */
export const httpEcho: ImageBehaviour = {
  sizeBytes: 4_600_000,
  entrypoint: ['/http-echo'],
  steady: true,
  user: 100,
  ports: ({ command }) => [Number(/:(\d+)$/.exec(option(command, 'listen') ?? ':5678')![1])],
  http: (_request, { command, env }) => textResponse(`${option(command, 'text') ?? env.ECHO_TEXT ?? 'hello-world'}\n`),
  logs: ({ command }) => [`[INFO] server is listening on ${option(command, 'listen') ?? ':5678'}`],
};

/** traefik/whoami: says who was asked, and what. */
export const whoami: ImageBehaviour = {
  sizeBytes: 3_000_000,
  entrypoint: ['/whoami'],
  ports: ({ command }) => [Number(option(command, 'port') ?? 80)],
  steady: true,
  http: ({ method = 'GET', path, headers = {} }, { hostName, podIp }) =>
    textResponse(
      [`Hostname: ${hostName}`, 'IP: 127.0.0.1', `IP: ${podIp}`, `${method} ${path} HTTP/1.1`]
        .concat(Object.entries(headers).map(([name, value]) => `${name}: ${value}`))
        .concat('')
        .join('\n'),
    ),
};

/** `-text=hello`, `--text hello` */
function option(command: readonly string[], name: string): string | undefined {
  const at = command.findIndex((word) => new RegExp(`^--?${name}(=|$)`).test(word));
  if (at < 0) return undefined;
  const [, ...value] = command[at]!.split('=');
  return value.length > 0 ? value.join('=') : command[at + 1];
}
