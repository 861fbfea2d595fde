/**
 * `exec` and `attach` over a WebSocket: binary messages whose first byte says what they carry.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/ (remotecommand, sub-protocol v5.channel.k8s.io)
 *
 *   0 stdin   1 stdout   2 stderr   3 the final Status   4 resize   255 "the channel in the next byte is closed" (v5)
 *
 * A command runs when its standard input has ended, all at once. Left out: terminals, SPDY, port-forward.
 */
import type { WebSocket } from 'ws';
import { StatusError } from '../../../kubernetes/status-error';
import type { ExecRequest } from './pod-requests';

export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;
const NORMAL_CLOSURE = 1000;

/** Runs until the command, or the container, has ended. @param serve see Pacer.serve */
export function serveExec(socket: WebSocket, request: ExecRequest, serve: <T>(work: () => T) => T): void {
  const send = (channel: number, text: string) => {
    if (text !== '') socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  };
  const finish = (status: object) => {
    send(STATUS, JSON.stringify({ metadata: {}, ...status }));
    socket.close(NORMAL_CLOSURE);
  };
  if (request.log) {
    const { log } = request;
    const stop = serve(() =>
      log.follow(
        (text) => send(STDOUT, text),
        () => finish({ status: 'Success' }),
      ),
    );
    socket.on('close', stop);
    return;
  }
  const run = (stdin: string) => {
    try {
      const { access, namespace, pod, container, command } = request;
      const options = { command, stdin, ...(container ? { container } : {}) };
      const result = serve(() => access.exec(namespace, pod, options));
      send(STDOUT, result.stdout);
      send(STDERR, result.stderr);
      finish(exitStatus(result.exitCode));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      finish(error.toStatus());
    }
  };
  if (request.stdin) collectInput(socket, run);
  else run('');
}

function collectInput(socket: WebSocket, run: (stdin: string) => void): void {
  const chunks: Buffer[] = [];
  let done = false;
  const end = () => {
    if (done) return;
    done = true;
    run(Buffer.concat(chunks).toString());
  };
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDIN) chunks.push(data.subarray(1));
    // Older protocols have no close message: there an empty one is the best sign that there is no more.
    if ((data[0] === CLOSE && data[1] === STDIN) || (data[0] === STDIN && data.length === 1 && chunks.length > 1))
      end();
  });
}

function exitStatus(code: number): object {
  if (code === 0) return { status: 'Success' };
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}
