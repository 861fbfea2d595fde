/**
 * Answers with what it was asked, and by whom. https://github.com/kubernetes/kubernetes/tree/master/test/images/echoserver
 */
import { textResponse } from '../../network/http-message';
import type { ImageBehaviour } from '../image-behaviour';

export const echoserver: ImageBehaviour = {
  sizeBytes: 43_500_000,
  ports: [8080],
  steady: true,
  http({ method = 'GET', path, headers = {}, body = '', clientIp = '' }, container) {
    const host = headers.host ?? container.podIp;
    const lines = Object.entries(headers).sort();
    return textResponse(
      [
        '',
        '',
        `Hostname: ${container.hostName}`,
        '',
        'Pod Information:',
        `\tnode name:\t${container.env.NODE_NAME ?? '-no node name available-'}`,
        `\tpod name:\t${container.env.POD_NAME ?? container.podName}`,
        `\tpod namespace:\t${container.env.POD_NAMESPACE ?? container.namespace}`,
        `\tpod IP:\t${container.env.POD_IP ?? container.podIp}`,
        '',
        'Server values:',
        '\tserver_version=nginx: 1.13.3 - lua: 10008',
        '',
        'Request Information:',
        `\tclient_address=${clientIp}`,
        `\tmethod=${method}`,
        `\treal path=${path}`,
        `\tquery=${path.includes('?') ? path.slice(path.indexOf('?') + 1) : ''}`,
        '\trequest_version=1.1',
        `\trequest_scheme=http`,
        `\trequest_uri=http://${host}:8080${path}`,
        '',
        'Request Headers:',
        ...lines.map(([name, value]) => `\t${name}=${value}`),
        '',
        'Request Body:',
        body === '' ? '\t-no body in request-' : body,
        '',
        '',
      ].join('\n'),
    );
  },
};
