/**
 * Whether a value holds what is expected of it: maps may have more fields than expected, lists are the same length and order unless the
 * expected items all have a `name` or `type`, by which they are found. Jest's asymmetric matchers work at any depth.
 */

interface Asymmetric {
  asymmetricMatch(value: unknown): boolean;
}

const isAsymmetric = (value: unknown): value is Asymmetric =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Asymmetric>).asymmetricMatch === 'function';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths at which `actual` is not what is expected, each with what stands there. Empty when all is well. */
export function mismatches(actual: unknown, expected: unknown, path = ''): string[] {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual) ? [] : [describe(path, actual, String(expected))];
  if (Array.isArray(expected)) return listMismatches(actual, expected, path);
  if (isMap(expected)) {
    if (!isMap(actual)) return [describe(path, actual, JSON.stringify(expected))];
    return Object.entries(expected).flatMap(([key, value]) =>
      mismatches(actual[key], value, path === '' ? key : `${path}.${key}`),
    );
  }
  return Object.is(actual, expected) ? [] : [describe(path, actual, JSON.stringify(expected))];
}

function listMismatches(actual: unknown, expected: readonly unknown[], path: string): string[] {
  if (!Array.isArray(actual)) return [describe(path, actual, JSON.stringify(expected))];
  const key = ['name', 'type'].find(
    (each) => expected.length > 0 && expected.every((item) => isMap(item) && each in item),
  );
  if (key !== undefined) {
    return expected.flatMap((item) => {
      const wanted = (item as Record<string, unknown>)[key];
      const found = actual.find((each) => isMap(each) && each[key] === wanted);
      const at = `${path}[${key}=${wanted}]`;
      return found === undefined ? [`${at} is missing`] : mismatches(found, item, at);
    });
  }
  if (actual.length !== expected.length) return [`${path} has ${actual.length} items, expected ${expected.length}`];
  return expected.flatMap((item, index) => mismatches(actual[index], item, `${path}[${index}]`));
}

function describe(path: string, actual: unknown, expected: string): string {
  return `${path === '' ? 'it' : path} is ${JSON.stringify(actual) ?? 'not there'}, expected ${expected}`;
}
