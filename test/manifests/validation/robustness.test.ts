/** Whatever is wrong with an object, validation says so; it never fails itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readObjects, validate } from '../../../lib/manifests';

const folder = join(__dirname, '..', 'inputs');
const objects = readdirSync(folder).flatMap((file) =>
  readObjects(readFileSync(join(folder, file), 'utf8'), file).map(({ object }) => object),
);

type Path = readonly (string | number)[];

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const below = [...path, Array.isArray(value) ? Number(key) : key];
    yield below;
    yield* pathsIn((value as Record<string, unknown>)[key], below);
  }
}

function withValue(object: any, [step, ...rest]: Path, value: unknown): any {
  const copy = Array.isArray(object) ? [...object] : { ...object };
  copy[step as keyof typeof copy] = rest.length === 0 ? value : withValue(object[step!], rest, value);
  return copy;
}

test.each([
  ['nothing', null],
  ['an empty map', {}],
  ['an empty list', []],
  ['a text', 'text'],
  ['a number', 7],
])('%s in any place', (_, value) => {
  const failures: string[] = [];
  let count = 0;
  for (const [index, object] of objects.entries()) {
    for (const path of pathsIn(object)) {
      if (path[0] === 'apiVersion' || path[0] === 'kind') continue;
      // Nulls are what templates leave behind, so every place is tried; of the others a part will do.
      if (value !== null && ++count % 4 !== 0) continue;
      const changed = withValue(object, path, value);
      // What belongs together stays together: the objects after it in its file, up to some.
      const app = [...objects.slice(Math.max(0, index - 4), index), changed, ...objects.slice(index + 1, index + 4)];
      try {
        validate(app, { advice: true });
      } catch (error) {
        failures.push(`${object.kind} ${path.join('.')}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ')}`);
      }
    }
  }
  expect(failures).toEqual([]);
});
