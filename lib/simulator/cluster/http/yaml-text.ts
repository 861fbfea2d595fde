/**
 * YAML as the API server reads it: version 1.1, where `yes` is true, but dates stay text; of several documents the first; keys
 * that stand twice are no error, the last one counts.
 */
import { isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';

/** With the message of the server's YAML library. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
}

export interface YamlText {
  readonly value: unknown;
  /** `line 3: key "name" already set in map` */
  readonly duplicates: readonly string[];
}

/** @throws YamlSyntaxError */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
  });
  if (!Array.isArray(documents)) return { value: null, duplicates: [] };
  const document = documents[0];
  if (!document) return { value: null, duplicates: [] };
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new YamlSyntaxError(`yaml: line ${line}: did not find expected node content`);
  }
  return { value: document.toJS(), duplicates: duplicateKeys(document, lines) };
}

function duplicateKeys(document: Parameters<typeof visit>[0], lines: LineCounter): string[] {
  const found: string[] = [];
  visit(document, {
    Map(_, map) {
      if (!isMap(map)) return;
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const { line } = lines.linePos(key.range?.[0] ?? 0);
          found.push(`line ${line}: key ${JSON.stringify(String(key.value))} already set in map`);
        }
        seen.add(key.value);
      }
    },
  });
  return found;
}
