/**
 * `exec` and `attach`, whatever carries them: input goes to the process, output to the client, and at the end a Status says how
 * it went. https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */
import { StringDecoder } from 'node:string_decoder';
import { internalError, StatusError } from '../../../../kubernetes/status-error';
import type { Session } from '../../kubelet/pod-access';
import type { CommandRequest } from '../pod-requests';

/** The client's end. What it did not ask for is not sent. */
export interface CommandClient {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Says how it went and closes. */
  finish(status: object): void;
}

export interface CommandInput {
  stdin(bytes: Buffer): void;
  endStdin(): void;
  /** `{"Width":80,"Height":24}` */
  resize(json: Buffer): void;
  /** The client has gone. */
  close(): void;
}

/** Runs until the command, or the container, has ended. @param serve see Pacer.serve */
export function runRemoteCommand(
  request: CommandRequest,
  client: CommandClient,
  serve: <T>(work: () => T) => T,
): CommandInput {
  const { access, namespace, pod, ...options } = request;
  let session: Session | undefined;
  let over = false;
  const finish = (status: object) => {
    if (over) return;
    over = true;
    client.finish({ metadata: {}, ...status });
  };
  const listener = {
    out: (text: string) => text !== '' && client.stdout(text),
    err: (text: string) => text !== '' && client.stderr(text),
    ended: (code: number | undefined) => finish(exitStatus(code)),
  };
  try {
    session = serve(() => access.open(namespace, pod, options, listener));
  } catch (error) {
    const known = error instanceof StatusError ? error : internalError((error as Error).message);
    finish(known.toStatus());
  }
  const decoder = new StringDecoder('utf8');
  const tell = (work: (session: Session) => void) => {
    if (session && !over) serve(() => work(session));
  };
  return {
    stdin: (bytes) => tell((it) => it.write(decoder.write(bytes))),
    endStdin: () => tell((it) => it.endInput()),
    resize: (json) => {
      const size = sizeOf(json);
      if (size) tell((it) => it.resize(size.columns, size.rows));
    },
    close: () => {
      tell((it) => it.stop());
      over = true;
    },
  };
}

function sizeOf(json: Buffer): { columns: number; rows: number } | undefined {
  try {
    const { Width, Height } = JSON.parse(json.toString());
    return Number.isInteger(Width) && Number.isInteger(Height) ? { columns: Width, rows: Height } : undefined;
  } catch {
    return undefined;
  }
}

function exitStatus(code: number | undefined): object {
  if (!code) return { status: 'Success' };
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}
