/**
 * The Kubernetes project's test image, with the subcommands that tests use most: netexec, serve-hostname, pause, echo.
 * https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost
 */
import { textResponse } from '../../network/http-message';
import type { ContainerView, ImageBehaviour, Program } from '../image-behaviour';
import { startShell } from '../shell/program';

const subcommandOf = ({ command }: ContainerView) => command[1] ?? 'pause';

export const agnhost: ImageBehaviour = {
  sizeBytes: 53_000_000,
  entrypoint: ['/agnhost'],
  command: ['pause'],
  ports(container) {
    switch (subcommandOf(container)) {
      case 'netexec':
        return [Number(flag(container, 'http-port') ?? 8080)];
      case 'serve-hostname':
        return [Number(flag(container, 'port') ?? 9376)];
      default:
        return [];
    }
  },
  http({ path, clientIp = '' }, container) {
    if (subcommandOf(container) === 'serve-hostname') return textResponse(container.hostName);
    const url = new URL(path, 'http://agnhost');
    switch (url.pathname.toLowerCase()) {
      case '/':
        return textResponse(`NOW: ${new Date(container.now()).toISOString()}`);
      case '/hostname':
        return textResponse(container.hostName);
      case '/healthz':
        return textResponse('');
      case '/clientip':
        return textResponse(`${clientIp}:40000`);
      case '/echo': {
        const status = Number(url.searchParams.get('code') ?? 200);
        return textResponse(url.searchParams.get('msg') ?? '', status);
      }
      default:
        return textResponse('404 page not found\n', 404);
    }
  },
  run(container): Program | undefined | null {
    const { command } = container;
    if (command[0] !== '/agnhost' && command[0] !== 'agnhost') return startShell(container, command);
    return undefined;
  },
  logs: (container) =>
    subcommandOf(container) === 'pause' ? ['Paused'] : [`Started ${subcommandOf(container)} server`],
};

/** `--http-port=8080` or `--http-port 8080`. */
function flag({ command }: ContainerView, name: string): string | undefined {
  const at = command.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return command[at]!.includes('=') ? command[at]!.split('=')[1] : command[at + 1];
}
