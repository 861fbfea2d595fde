/** Picks the renderer for a run. */
import { jsonRenderer } from './json';
import { plainRenderer } from './plain';
import type { OutputMode, OutputStream, Renderer } from './renderer';
import { ttyRenderer } from './tty';

/**
 * `auto` is a live terminal view when the stream is a terminal and CI is not set, plain lines otherwise; NO_COLOR is
 * honoured. `quiet` shows warnings and the result only.
 */
export function chooseRenderer(
  mode: OutputMode,
  stream: OutputStream,
  environment: Readonly<Record<string, string | undefined>>,
): Renderer {
  const resolved = mode === 'auto' ? (stream.isTTY && !environment.CI ? 'tty' : 'plain') : mode;
  switch (resolved) {
    case 'json':
      return jsonRenderer(stream);
    case 'tty':
      return ttyRenderer(stream, {
        colour: !environment.NO_COLOR,
        every: (ms, callback) => {
          const timer = setInterval(callback, ms);
          return () => clearInterval(timer);
        },
      });
    case 'quiet': {
      const plain = plainRenderer(stream);
      const loud = (type: string) => type === 'result' || type === 'check';
      return { show: (event) => loud(event.type) && plain.show(event), close: () => plain.close() };
    }
    default:
      return plainRenderer(stream);
  }
}
