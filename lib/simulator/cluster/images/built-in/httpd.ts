/** The Apache HTTP server: the files below /usr/local/apache2/htdocs on port 80. https://hub.docker.com/_/httpd */
import type { ImageBehaviour } from '../image-behaviour';
import { accessTime } from './nginx';
import { contentType, errorPage } from './static-files';

const ROOT = '/usr/local/apache2/htdocs';

export const httpd: ImageBehaviour = {
  sizeBytes: 56_000_000,
  user: 0,
  command: ['httpd-foreground'],
  workingDir: '/usr/local/apache2',
  files: { [`${ROOT}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n' },
  ports: [80],
  http({ method = 'GET', path, clientIp = '-' }, container) {
    const clean = decodeURIComponent(path.split('?')[0]!);
    const file = `${ROOT}${clean.endsWith('/') ? `${clean}index.html` : clean}`;
    const found = container.files.tryRead(file);
    const status = found ? 200 : 404;
    const body = found?.text ?? errorPage(404, 'Apache');
    container.log(
      `${clientIp} - - [${accessTime(container.now())}] "${method} ${path} HTTP/1.1" ${status} ${body.length}\n`,
    );
    return {
      status,
      headers: { server: 'Apache/2.4.65 (Unix)', 'content-type': found ? contentType(file) : 'text/html' },
      body,
    };
  },
  logs: ({ podIp }) => [
    `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${podIp}. Set the 'ServerName' directive globally to suppress this message`,
    '[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations',
  ],
};
