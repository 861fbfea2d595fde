/** Objects as JSON knows them. */

/** The value without the fields that are undefined; the very same value when there are none. */
export function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return (Array.isArray(value) ? listWithout(value) : mapWithout(value as Record<string, unknown>)) as T;
}

function listWithout(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const kept = withoutUndefined(list[index]);
    if (kept === list[index]) continue;
    copy ??= [...list];
    copy[index] = kept;
  }
  return copy ?? list;
}

function mapWithout(map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const key in map) {
    const kept = withoutUndefined(map[key]);
    if (kept === map[key] && kept !== undefined) continue;
    copy ??= { ...map };
    if (kept === undefined) delete copy[key];
    else copy[key] = kept;
  }
  return copy ?? map;
}

/** A deep copy of plain data. */
export function cloneData<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneData) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = cloneData((value as Record<string, unknown>)[key]);
  return copy as T;
}
