/** File names from patterns: `*.txt`, `/etc/config/*`. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_14_03 */
import type { Pattern } from './patterns';
import type { ShellState } from './shell-state';

/** The files that a pattern matches, in the form in which it is written. */
export function filesMatching(pattern: Pattern, state: ShellState): string[] {
  const parts = pattern.source().split('/');
  const isAbsolute = pattern.text.startsWith('/');
  let found = [isAbsolute ? '/' : ''];
  for (const part of isAbsolute ? parts.slice(1) : parts) {
    const matches = new RegExp(`^${part}$`);
    found = found.flatMap((directory) => {
      const full = state.resolvePath(directory === '' ? '.' : directory);
      if (!state.container.files.isDirectory(full)) return [];
      return state.container.files
        .list(full)
        .filter((name) => matches.test(name) && (!name.startsWith('.') || part.startsWith('\\.')))
        .map((name) => (directory === '' || directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`));
    });
  }
  return found.sort();
}
