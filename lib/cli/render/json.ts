/** One event per line (https://jsonlines.org), numbered, for programs. Nothing else is written to the stream. */
import type { OutputStream, Renderer } from './renderer';

export function jsonRenderer(stream: OutputStream): Renderer {
  let sequence = 0;
  return {
    show: (event) => {
      sequence++;
      stream.write(`${JSON.stringify({ sequence, ...event })}\n`);
    },
    close: () => {},
  };
}
