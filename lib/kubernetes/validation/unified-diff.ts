/**
 * The unified diff of two texts that messages about immutable fields carry. The algorithm is Ratcliff and Obershelp's "gestalt
 * pattern matching" as Python's difflib has it: the longest common block first, then the same to the left and right of it.
 * https://docs.python.org/3/library/difflib.html
 */

/** Lines around a change. */
const CONTEXT = 3;
/** In texts from this length on, lines that stand in more than one in a hundred places do not count as a match. */
const POPULAR_FROM = 200;

interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** From line `aStart` to before `aEnd` of the old text; equal when both sides are. */
interface Change {
  readonly equal: boolean;
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** `@@ -1,3 +1,3 @@` and so on, without names of files; '' when the texts are equal. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n');
  const b = after.split('\n');
  const out: string[] = [];
  for (const group of groups(changes(a, b))) {
    const first = group[0]!;
    const last = group[group.length - 1]!;
    out.push(`@@ -${range(first.aStart, last.aEnd)} +${range(first.bStart, last.bEnd)} @@`);
    for (const { equal, aStart, aEnd, bStart, bEnd } of group) {
      if (equal) for (const line of a.slice(aStart, aEnd)) out.push(` ${line}`);
      else {
        for (const line of a.slice(aStart, aEnd)) out.push(`-${line}`);
        for (const line of b.slice(bStart, bEnd)) out.push(`+${line}`);
      }
    }
  }
  return out.map((line) => `${line}\n`).join('');
}

function range(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return `${start + 1}`;
  return `${length === 0 ? start : start + 1},${length}`;
}

function changes(a: readonly string[], b: readonly string[]): Change[] {
  const out: Change[] = [];
  let i = 0;
  let j = 0;
  for (const { a: aStart, b: bStart, size } of matchingBlocks(a, b)) {
    if (i < aStart || j < bStart) out.push({ equal: false, aStart: i, aEnd: aStart, bStart: j, bEnd: bStart });
    i = aStart + size;
    j = bStart + size;
    if (size > 0) out.push({ equal: true, aStart, aEnd: i, bStart, bEnd: j });
  }
  return out;
}

/** The changes with their context, those that are far apart in hunks of their own. */
function groups(all: Change[]): Change[][] {
  const out: Change[][] = [];
  let group: Change[] = [];
  all.forEach((change, index) => {
    let { equal, aStart, aEnd, bStart, bEnd } = change;
    if (equal && index === 0) {
      aStart = Math.max(aStart, aEnd - CONTEXT);
      bStart = Math.max(bStart, bEnd - CONTEXT);
    }
    if (equal && index === all.length - 1) {
      aEnd = Math.min(aEnd, aStart + CONTEXT);
      bEnd = Math.min(bEnd, bStart + CONTEXT);
    }
    if (equal && aEnd - aStart > 2 * CONTEXT) {
      group.push({ equal, aStart, aEnd: aStart + CONTEXT, bStart, bEnd: bStart + CONTEXT });
      out.push(group);
      group = [];
      aStart = aEnd - CONTEXT;
      bStart = bEnd - CONTEXT;
    }
    group.push({ equal, aStart, aEnd, bStart, bEnd });
  });
  if (group.length > 1 || group[0]?.equal === false) out.push(group);
  return out;
}

function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = placesOfLines(b);
  const found: Block[] = [];
  const search = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const block = longestBlock(a, b, places, [aLow, aHigh, bLow, bHigh]);
    if (block.size === 0) return;
    if (aLow < block.a && bLow < block.b) search(aLow, block.a, bLow, block.b);
    found.push(block);
    const aNext = block.a + block.size;
    const bNext = block.b + block.size;
    if (aNext < aHigh && bNext < bHigh) search(aNext, aHigh, bNext, bHigh);
  };
  search(0, a.length, 0, b.length);
  return [...joined(found), { a: a.length, b: b.length, size: 0 }];
}

/** Blocks that touch are one. */
function joined(blocks: readonly Block[]): Block[] {
  const out: Block[] = [];
  for (const block of blocks) {
    const last = out[out.length - 1];
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) {
      out[out.length - 1] = { ...last, size: last.size + block.size };
    } else out.push(block);
  }
  return out;
}

function placesOfLines(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, i) => {
    const known = places.get(line);
    if (known) known.push(i);
    else places.set(line, [i]);
  });
  if (lines.length >= POPULAR_FROM) {
    const most = Math.floor(lines.length / 100) + 1;
    for (const [line, indices] of places) if (indices.length > most) places.delete(line);
  }
  return places;
}

function longestBlock(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Block {
  let best: Block = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  // Popular lines do not start a match, but they may prolong one.
  let { a: start, b: other, size } = best;
  while (start > aLow && other > bLow && a[start - 1] === b[other - 1]) {
    start--;
    other--;
    size++;
  }
  while (start + size < aHigh && other + size < bHigh && a[start + size] === b[other + size]) size++;
  return { a: start, b: other, size };
}
