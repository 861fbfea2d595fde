/**
 * `exec` and `attach` over SPDY: one stream each for the error, the input, the output and the terminal's size, told apart by
 * their header `streamtype`. What older clients speak, and newer ones when a WebSocket does not come through.
 */
import type { Duplex } from 'node:stream';
import type { CommandRequest } from '../pod-requests';
import { SpdyConnection, type SpdyStream } from '../spdy/connection';
import { type CommandInput, runRemoteCommand } from './remote-command';

export const COMMAND_SPDY_PROTOCOLS = ['v4.channel.k8s.io'];

export function serveCommandSpdy(transport: Duplex, request: CommandRequest, serve: <T>(work: () => T) => T): void {
  const streams = new Map<string, SpdyStream>();
  const wanted = streamsOf(request);
  let input: CommandInput | undefined;
  const connection = new SpdyConnection(transport, (stream) => {
    const type = stream.headers.get('streamtype') ?? '';
    if (!wanted.has(type) || streams.has(type)) {
      stream.destroy();
      return;
    }
    streams.set(type, stream);
    // The process starts once the client has opened everything that it asked for.
    if (streams.size === wanted.size) input = run(connection, streams, request, serve);
  });
  transport.on('close', () => input?.close());
}

function streamsOf({ stdin, stdout, stderr, tty }: CommandRequest): ReadonlySet<string> {
  const wanted: Readonly<Record<string, boolean>> = { error: true, stdin, stdout, stderr: stderr && !tty, resize: tty };
  return new Set(Object.keys(wanted).filter((name) => wanted[name]));
}

function run(
  connection: SpdyConnection,
  streams: ReadonlyMap<string, SpdyStream>,
  request: CommandRequest,
  serve: <T>(work: () => T) => T,
): CommandInput {
  const { stdout, stderr } = { stdout: streams.get('stdout'), stderr: streams.get('stderr') };
  const input = runRemoteCommand(
    request,
    {
      stdout: (text) => stdout?.write(text),
      stderr: (text) => stderr?.write(text),
      finish: (status) => {
        stdout?.end();
        stderr?.end();
        streams.get('error')!.end(JSON.stringify(status), () => connection.close());
      },
    },
    serve,
  );
  streams.get('stdin')?.on('data', (bytes: Buffer) => input.stdin(bytes));
  streams.get('stdin')?.on('end', () => input.endStdin());
  streams.get('resize')?.on('data', (bytes: Buffer) => input.resize(bytes));
  streams.get('error')?.resume();
  return input;
}
