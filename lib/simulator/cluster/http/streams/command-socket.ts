/**
 * `exec` and `attach` over a WebSocket: binary messages whose first byte says what they carry.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/ (remotecommand, sub-protocol v5.channel.k8s.io)
 *
 *   0 stdin   1 stdout   2 stderr   3 the final Status   4 resize   255 "the channel in the next byte is closed" (v5)
 */
import type { WebSocket } from 'ws';
import type { CommandRequest } from '../pod-requests';
import { runRemoteCommand } from './remote-command';

export const COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const RESIZE = 4;
const CLOSE = 255;
const NORMAL_CLOSURE = 1000;

export function serveCommandSocket(socket: WebSocket, request: CommandRequest, serve: <T>(work: () => T) => T): void {
  const send = (channel: number, text: string) =>
    socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  socket.on('error', () => socket.terminate());
  const input = runRemoteCommand(
    request,
    {
      stdout: (text) => request.stdout && send(STDOUT, text),
      stderr: (text) => request.stderr && send(STDERR, text),
      finish: (status) => {
        send(STATUS, JSON.stringify(status));
        socket.close(NORMAL_CLOSURE);
      },
    },
    serve,
  );
  socket.on('message', (data: Buffer) => {
    switch (data[0]) {
      case STDIN:
        input.stdin(data.subarray(1));
        break;
      case RESIZE:
        input.resize(data.subarray(1));
        break;
      case CLOSE:
        if (data[1] === STDIN) input.endStdin();
        break;
      default:
      // An empty message, or a channel that is the server's: nothing is meant for the process.
    }
  });
  socket.on('close', () => input.close());
}
