/**
 * A watch as lines of text. Its listener asks for lines when the store wakes it, and for a last bookmark before it ends.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
import type { Watch, WatchEvent } from '../api-server/watch';
import { contentTypeOf } from './door';
import { jsonOf, type RenderContext, renderWatchEvent } from './render';

/** Bytes that are made at once: a watcher that does not read holds no more. */
const BATCH_BYTES = 64 * 1024;

export interface WatchAnswerOptions {
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class WatchAnswer {
  private first = true;
  /** What the watch has told, and from where on the client has not heard it. */
  private told: readonly WatchEvent[] = [];
  private next = 0;
  /** The watch has said ERROR: nothing follows. */
  ended = false;

  constructor(
    readonly watch: Watch,
    private readonly context: Omit<RenderContext, 'now'>,
    readonly options: WatchAnswerOptions,
  ) {}

  get contentType(): string {
    return contentTypeOf(this.context.form);
  }

  /** What is new, as lines, a batch at a time; empty when there is nothing. */
  lines(): Buffer {
    if (this.next === this.told.length) {
      this.told = this.watch.poll();
      this.next = 0;
    }
    const parts: Buffer[] = [];
    for (let size = 0; size < BATCH_BYTES && this.next < this.told.length; ) {
      const bytes = this.line(this.told[this.next++]!);
      size += bytes.length;
      parts.push(bytes);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** A sign of life that says how far this watch is; empty when the client did not ask for such. */
  bookmarkLine(): Buffer {
    // Whoever has not heard everything is not told that it has.
    const isBehind = this.next < this.told.length;
    if (!this.options.allowWatchBookmarks || this.ended || isBehind) return Buffer.alloc(0);
    return this.line(this.watch.bookmark());
  }

  private line(event: WatchEvent): Buffer {
    if (event.type === 'ERROR') this.ended = true;
    const { form } = this.context;
    if (form.as === undefined) return sharedLine(event);
    const text = renderWatchEvent(event, { ...this.context, now: this.options.now() }, this.first);
    this.first = false;
    return Buffer.from(text);
  }
}

/** A thousand watchers of one object are sent the same bytes. */
function sharedLine(event: WatchEvent): Buffer {
  let lines = sharedLines.get(event.object);
  if (!lines) {
    lines = {};
    sharedLines.set(event.object, lines);
  }
  lines[event.type] ??= Buffer.from(`{"type":"${event.type}","object":${jsonOf(event.object)}}\n`);
  return lines[event.type]!;
}

const sharedLines = new WeakMap<object, Partial<Record<WatchEvent['type'], Buffer>>>();
