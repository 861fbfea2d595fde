/** The fast reader and the careful one must never disagree: both read random objects of every kind, right and wrong ones. */
import { DecodeError, decode, decodeCarefully } from '../../../lib/kubernetes/schema/decode';
import { discovery } from '../../../lib/kubernetes/schema/discovery.generated';
import { type Schema, trySchemaOf } from '../../../lib/kubernetes/schema/schema';
import { Random } from '../../../lib/simulator/random';

const kinds = discovery.flatMap(({ group, versions }) =>
  versions.flatMap(({ version, resources }) =>
    resources.map(({ responseKind }) => ({ group, version, kind: responseKind.kind })),
  ),
);

/** A value for a place of the schema; with `flaws`, one value in thirty is not what belongs there. */
function sample(schema: Schema, random: Random, depth: number, flaws: boolean): unknown {
  const pick = <T>(values: readonly T[]): T => values[random.int(values.length)]!;
  if (flaws && random.int(30) === 0) return pick<unknown>(['x', 7, -1.5, true, [], {}, null, ['x'], { x: 1 }]);
  const child = (of: Schema) => sample(of, random, depth + 1, flaws);
  switch (schema.type) {
    case 'struct': {
      const fields = [...schema.fields!].filter(() => random.int(depth > 3 ? 12 : 3) === 0);
      const out = Object.fromEntries(fields.map(([name, field]) => [name, random.int(12) === 0 ? null : child(field)]));
      if (flaws && random.int(30) === 0) out.nobodyKnowsThis = 1;
      return out;
    }
    case 'map':
      return Object.fromEntries(['b', 'a'].slice(random.int(3)).map((key) => [key, child(schema.values!)]));
    case 'list':
      return depth > 8
        ? []
        : Array.from({ length: random.int(3) }, () => (random.int(15) === 0 ? null : child(schema.items!)));
    case 'string':
      if (schema.format === 'quantity') return pick<unknown>(['100m', '1Gi', 2, '0.5', '1e3']);
      if (schema.format === 'int-or-string') return pick<unknown>([80, 'http', '25%']);
      if (schema.format === 'date-time') return pick(['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z']);
      return schema.format === 'byte' ? pick(['', 'aGVsbG8=']) : pick(['', 'web', 'x y']);
    case 'integer':
      return pick([0, 1, -1, 2 ** 31 - 1]);
    case 'number':
      return pick([0, 1.5]);
    case 'boolean':
      return random.int(2) === 0;
    default:
      return pick<unknown>([{}, { a: [1] }, 'x']);
  }
}

function outcome(read: typeof decode, schema: Schema, value: unknown): unknown {
  try {
    const { value: out, unknownFields, emptied } = read(schema, value);
    return { json: JSON.stringify(out), unknownFields, emptied: emptied?.length ?? 0 };
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

test.each([false, true])('every kind is read alike by both readers (objects with flaws: %s)', (flaws) => {
  const random = new Random(35);
  const refused = new Set<unknown>();
  for (const { group, version, kind } of kinds) {
    const schema = trySchemaOf(group, version, kind);
    if (schema === undefined) continue;
    for (let i = 0; i < 12; i++) {
      const value = sample(schema, random, 0, flaws);
      const careful = outcome(decodeCarefully, schema, value);
      expect({ kind, value, read: outcome(decode, schema, value) }).toEqual({ kind, value, read: careful });
      if (typeof careful === 'string') refused.add(careful);
    }
  }
  expect(refused.size > 50).toBe(flaws);
});
