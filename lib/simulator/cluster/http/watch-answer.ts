/**
 * A watch as lines of text. Its listener asks for lines when the store wakes it, and for a last bookmark before it ends.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
import type { Watch, WatchEvent } from '../api-server/watch';
import { contentTypeOf } from './door';
import { type RenderContext, renderWatchEvent } from './render';

export interface WatchAnswerOptions {
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class WatchAnswer {
  private first = true;
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

  /** Everything new, as lines. */
  lines(): string {
    let text = '';
    for (const event of this.watch.poll()) text += this.line(event);
    return text;
  }

  /** A sign of life that says how far this watch is; empty when the client did not ask for such. */
  bookmarkLine(): string {
    return this.options.allowWatchBookmarks && !this.ended ? this.line(this.watch.bookmark()) : '';
  }

  private line(event: WatchEvent): string {
    const text = renderWatchEvent(event, { ...this.context, now: this.options.now() }, this.first);
    this.first = false;
    if (event.type === 'ERROR') this.ended = true;
    return text;
  }
}
