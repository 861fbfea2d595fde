/**
 * The compressed block of names and values in SPDY frames, read and written without waiting for anything.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.6.10-Name-Value-Header-Block
 *
 * All blocks of one direction are one zlib stream, cut by flushes. A flush ends on a whole byte, so every block can be read
 * alone when the 32 KiB before it are given as its dictionary; and what is written is stored, not compressed, because a handful
 * of headers is not worth a compressor's memory on each connection.
 */
import { constants, inflateRawSync } from 'node:zlib';
import { DICTIONARY } from './dictionary';

export type Headers = ReadonlyMap<string, string>;

/** What a peer sends that is no SPDY. The connection is closed. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
}

const WINDOW = 32 * 1024;
/** Of one block, unpacked: a frame of a few bytes may not become a flood. */
const MAX_BLOCK = 64 * 1024;
/** An empty stored block: readers give out what came before it. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);
/** Two bytes that say "deflate, with a dictionary", and which one (its Adler-32). */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);

export class HeaderReader {
  private before: Buffer = DICTIONARY;
  private started = false;

  /** @throws SpdyError */
  read(block: Buffer): Headers {
    let packed = block;
    if (!this.started) {
      if (!packed.subarray(2, 6).equals(ZLIB_HEADER.subarray(2))) throw new SpdyError('unknown header dictionary');
      packed = packed.subarray(ZLIB_HEADER.length);
      this.started = true;
    }
    const text = this.unpack(packed);
    this.before = Buffer.concat([this.before, text]).subarray(-WINDOW);
    return parse(text);
  }

  private unpack(packed: Buffer): Buffer {
    try {
      const options = { dictionary: this.before, finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_BLOCK };
      return inflateRawSync(packed, options);
    } catch (error) {
      throw new SpdyError(`header block: ${(error as Error).message}`);
    }
  }
}

function parse(text: Buffer): Headers {
  const headers = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    if (at + 4 > text.length) throw new SpdyError('header block ends too early');
    at += 4;
    return text.readUInt32BE(at - 4);
  };
  const word = (): string => {
    const length = number();
    if (at + length > text.length) throw new SpdyError('header block ends too early');
    at += length;
    return text.toString('utf8', at - length, at);
  };
  for (let left = number(); left > 0; left--) {
    const name = word().toLowerCase();
    headers.set(name, word());
  }
  return headers;
}

export class HeaderWriter {
  private started = false;

  write(headers: Headers): Buffer {
    const text = Buffer.concat([
      uint32(headers.size),
      ...[...headers].flat().flatMap((word) => [uint32(Buffer.byteLength(word)), Buffer.from(word)]),
    ]);
    // A stored block: not the last one, its length, and its length's complement.
    const head = Buffer.alloc(5);
    head.writeUInt16LE(text.length, 1);
    head.writeUInt16LE(~text.length & 0xffff, 3);
    const prefix = this.started ? [] : [ZLIB_HEADER];
    this.started = true;
    return Buffer.concat([...prefix, head, text, FLUSH]);
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
