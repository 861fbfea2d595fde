/** Colours for terminals that want them; colour is never the only signal. https://no-color.org */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

const paint = (code: number, end: number) => (text: string) => `\u001b[${code}m${text}\u001b[${end}m`;
const plain = (text: string) => text;

export const coloured: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  good: paint(32, 39),
  bad: paint(31, 39),
  accent: paint(36, 39),
};

export const colourless: Style = { bold: plain, dim: plain, good: plain, bad: plain, accent: plain };

/** Cuts text to a width, so that a line of a live block never wraps. */
export function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
