/**
 * Patterns of the shell: `*`, `?` and `[...]` in file names, in `case`, and in what `${name#pattern}` cuts off.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_14
 *
 * A wildcard that is quoted means itself, so a pattern is built piece by piece.
 */

export interface Pattern {
  /** Without its quotes. */
  readonly text: string;
  readonly hasWildcards: boolean;
  /** The source of a regular expression. @param options.lazy as little as possible @default false */
  source(options?: { readonly lazy?: boolean }): string;
}

export class PatternBuilder implements Pattern {
  text = '';
  hasWildcards = false;
  private readonly pieces: { readonly text: string; readonly isActive: boolean }[] = [];

  /** @param isActive whether wildcards in it count: it is not quoted */
  add(text: string, isActive: boolean): void {
    this.text += text;
    if (isActive && /[*?[]/.test(text)) this.hasWildcards = true;
    const last = this.pieces.at(-1);
    if (last?.isActive === isActive) this.pieces[this.pieces.length - 1] = { text: last.text + text, isActive };
    else this.pieces.push({ text, isActive });
  }

  source({ lazy = false }: { readonly lazy?: boolean } = {}): string {
    const one = '[\\s\\S]';
    const many = `${one}*${lazy ? '?' : ''}`;
    return this.pieces
      .map(({ text, isActive }) =>
        isActive
          ? text.replace(/\[!?\]?[^\]]*\]|\*|\?|[\\^$.|+(){}[\]]/g, (found) => {
              if (found === '*') return many;
              if (found === '?') return one;
              if (found.length > 1) return found.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
              return `\\${found}`;
            })
          : text.replace(/[\\^$.|+(){}[\]*?]/g, '\\$&'),
      )
      .join('');
  }
}

export function matchesPattern(text: string, pattern: Pattern): boolean {
  return new RegExp(`^(?:${pattern.source()})$`).test(text);
}

/** @param operator `#` and `##` cut the shortest and the longest match off the front, `%` and `%%` off the end */
export function cutPattern(text: string, operator: string, pattern: Pattern): string {
  const lazy = operator.length === 1;
  if (operator.startsWith('#')) return text.replace(new RegExp(`^(?:${pattern.source({ lazy })})`), '');
  // The shortest match at the end is the one that starts last.
  const starts = Array.from({ length: text.length + 1 }, (_, i) => i);
  const whole = new RegExp(`^(?:${pattern.source()})$`);
  const at = (lazy ? starts.reverse() : starts).find((start) => whole.test(text.slice(start)));
  return at === undefined ? text : text.slice(0, at);
}
