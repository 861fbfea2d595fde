/**
 * SPDY/3.1, the server's side, as far as Kubernetes uses it to carry several streams over one upgraded connection: exec,
 * attach and port-forward of older clients, and port-forward inside a WebSocket.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 *
 *   client   SYN_STREAM id, headers          opens a stream
 *   server   SYN_REPLY id
 *   both     DATA id, bytes [FIN]            FIN: this side is done;   RST_STREAM id: the stream is gone
 *
 * Flow control is TCP's: like the client's library, nobody counts windows; who does is told of room for what it sent.
 */
import { Duplex } from 'node:stream';
import { HeaderReader, type Headers, HeaderWriter, SpdyError, uint32 } from './headers';

const VERSION = 3;
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 9;
const FIN = 1;

const HEAD_LENGTH = 8;
/** Nobody sends larger ones; a length of 16 MiB is not believed. */
const MAX_FRAME = 1024 * 1024;
const MAX_STREAMS = 2_000;

/** One stream: what arrives is read from it, what is written to it is sent. */
export class SpdyStream extends Duplex {
  /** Both sides are done, or the stream was reset. */
  remoteClosed = false;

  constructor(
    readonly id: number,
    readonly headers: Headers,
    private readonly connection: SpdyConnection,
  ) {
    super({ allowHalfOpen: true });
    // Whoever does not listen for it loses a stream, not the server.
    this.on('error', () => {});
  }

  override _read(): void {
    this.connection.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.connection.sendData(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.sendData(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connection.forget(this, error !== null || !this.writableFinished);
    done(error);
  }

  /** @internal The connection read something for it. */
  receive(data: Buffer, last: boolean): void {
    if (this.remoteClosed) return;
    if (data.length > 0 && !this.push(data)) this.connection.pause();
    if (last) {
      this.remoteClosed = true;
      this.push(null);
    }
  }
}

export class SpdyConnection {
  private readonly streams = new Map<number, SpdyStream>();
  private readonly reader = new HeaderReader();
  private readonly writer = new HeaderWriter();
  private unread: Buffer = Buffer.alloc(0);
  private lastStream = 0;
  private closed = false;

  /** @param onStream hears of every stream that the client opens. */
  constructor(
    private readonly transport: Duplex,
    private readonly onStream: (stream: SpdyStream) => void,
  ) {
    transport.on('data', (chunk: Buffer) => this.receive(chunk));
    transport.on('end', () => this.destroy());
    transport.on('error', () => this.destroy());
    transport.on('close', () => this.destroy());
  }

  /** Says goodbye once everything that was written has been sent. */
  close(): void {
    if (this.closed) return;
    this.control(GOAWAY, 0, Buffer.concat([uint32(this.lastStream), uint32(0)]));
    this.transport.end();
  }

  destroy(): void {
    if (this.closed) return;
    this.closed = true;
    for (const stream of [...this.streams.values()]) stream.destroy();
    this.streams.clear();
    this.transport.destroy();
  }

  /** One stream that is not read holds up all of them, as with the real library. */
  pause(): void {
    this.transport.pause();
  }
  resume(): void {
    this.transport.resume();
  }

  sendData(id: number, data: Buffer, last: boolean, done: (error?: Error | null) => void): void {
    if (this.closed || this.transport.writableEnded) {
      done();
      return;
    }
    const head = Buffer.alloc(HEAD_LENGTH);
    head.writeUInt32BE(id);
    head.writeUInt32BE(data.length, 4);
    head[4] = last ? FIN : 0;
    this.transport.write(Buffer.concat([head, data]), () => done());
  }

  forget(stream: SpdyStream, reset: boolean): void {
    if (!this.streams.delete(stream.id) || this.closed) return;
    if (reset) this.control(RST_STREAM, 0, Buffer.concat([uint32(stream.id), uint32(5)]));
  }

  private control(type: number, flags: number, payload: Buffer): void {
    if (this.closed || this.transport.writableEnded) return;
    const head = Buffer.alloc(HEAD_LENGTH);
    head.writeUInt16BE(0x8000 | VERSION);
    head.writeUInt16BE(type, 2);
    head.writeUInt32BE(payload.length, 4);
    head[4] = flags;
    this.transport.write(Buffer.concat([head, payload]));
  }

  private receive(chunk: Buffer): void {
    this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
    try {
      while (this.unread.length >= HEAD_LENGTH) {
        const length = this.unread.readUInt32BE(4) & 0xffffff;
        if (length > MAX_FRAME) throw new SpdyError(`a frame of ${length} bytes`);
        if (this.unread.length < HEAD_LENGTH + length) return;
        const frame = this.unread.subarray(0, HEAD_LENGTH + length);
        this.unread = this.unread.subarray(HEAD_LENGTH + length);
        this.handle(frame);
      }
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      this.destroy();
    }
  }

  private handle(frame: Buffer): void {
    const flags = frame[4]!;
    const payload = frame.subarray(HEAD_LENGTH);
    if (frame[0]! < 0x80) {
      this.data(frame.readUInt32BE(0), payload, (flags & FIN) !== 0);
      return;
    }
    if ((frame.readUInt16BE(0) & 0x7fff) !== VERSION) throw new SpdyError('not SPDY/3');
    const number = (at: number): number => {
      if (at + 4 > payload.length) throw new SpdyError('a frame that is too short');
      return payload.readUInt32BE(at) & 0x7fffffff;
    };
    switch (frame.readUInt16BE(2)) {
      case SYN_STREAM:
        this.open(number(0), this.reader.read(payload.subarray(10)), (flags & FIN) !== 0);
        break;
      case RST_STREAM:
        this.streams.get(number(0))?.destroy();
        break;
      case PING:
        // Pings of the client have odd numbers, and get their own number back.
        if (number(0) % 2 === 1) this.control(PING, 0, payload.subarray(0, 4));
        break;
      case GOAWAY:
        this.close();
        break;
      default:
      // SETTINGS, HEADERS, WINDOW_UPDATE and what nobody knows: nothing to do.
    }
  }

  private open(id: number, headers: Headers, last: boolean): void {
    if (id % 2 === 0 || id <= this.lastStream) throw new SpdyError(`stream ${id} may not be opened`);
    if (this.streams.size >= MAX_STREAMS) throw new SpdyError('too many streams');
    this.lastStream = id;
    const stream = new SpdyStream(id, headers, this);
    this.streams.set(id, stream);
    this.control(SYN_REPLY, 0, Buffer.concat([uint32(id), this.writer.write(new Map())]));
    this.onStream(stream);
    if (last) stream.receive(Buffer.alloc(0), true);
  }

  private data(id: number, payload: Buffer, last: boolean): void {
    const stream = this.streams.get(id);
    if (!stream) return;
    stream.receive(payload, last);
    if (payload.length > 0) this.control(WINDOW_UPDATE, 0, Buffer.concat([uint32(id), uint32(payload.length)]));
  }
}
