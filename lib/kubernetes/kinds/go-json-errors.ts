/**
 * Why a text is no JSON object, in the words of Go's encoding/json. https://pkg.go.dev/encoding/json
 *
 * Only the mistakes people make are worded as there: an empty or cut text, a wrong character at the start of a value or after
 * one, another kind of value than an object.
 */

/** Undefined when the text is a JSON object. */
export function jsonObjectProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return syntaxProblem(text);
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

const LITERALS = ['true', 'false', 'null'];

function syntaxProblem(text: string): string {
  const start = text.search(/[^ \t\r\n]/);
  if (start < 0) return 'unexpected end of JSON input';
  const literal = LITERALS.find((word) => word[0] === text[start]);
  if (literal) {
    for (let i = 1; i < literal.length; i++) {
      const c = text[start + i];
      if (c === undefined) return 'unexpected end of JSON input';
      if (c !== literal[i])
        return `invalid character ${character(c)} in literal ${literal} (expecting ${character(literal[i]!)})`;
    }
    const after = text.slice(start + literal.length).trimStart()[0];
    if (after !== undefined) return `invalid character ${character(after)} after top-level value`;
  }
  if (!/["{[\-0-9tfn]/.test(text[start]!)) {
    return `invalid character ${character(text[start]!)} looking for beginning of value`;
  }
  return 'unexpected end of JSON input';
}

const character = (c: string): string => (c === "'" ? "'\\''" : c === '"' ? "'\"'" : `'${c}'`);
