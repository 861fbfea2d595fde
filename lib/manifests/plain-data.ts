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

/**
 * The value without nulls, which Kubernetes takes for nothing: fields that are null and items that are null go. The very same value
 * when there are none. Templates leave them behind: `env:` with nothing below it.
 */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (!value.some((item) => item === null || withoutNulls(item) !== item)) return value;
    return value.filter((item) => item !== null).map(withoutNulls) as T;
  }
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const item = value[key];
    const clean = withoutNulls(item);
    if (clean === item && item !== null) continue;
    copy ??= { ...(value as Record<string, unknown>) };
    if (clean === null) delete copy[key];
    else copy[key] = clean;
  }
  return (copy ?? value) as T;
}
