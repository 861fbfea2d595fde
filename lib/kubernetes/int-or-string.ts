/**
 * Values that are a number or a text: a port by number or name, a share by count or percentage.
 * (apimachinery `util/intstr`)
 */
export type IntOrString = number | string;

/**
 * A count or a percentage of `total` as a count. 25 % of 10 is 2.5: 3 when rounded up, 2 when rounded down.
 * @throws Error when a text is no percentage
 */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = tryParsePercent(value);
  if (percent === undefined) throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage`);
  const exact = (percent * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** `25%` -> 25; undefined when the text is no percentage. */
export function tryParsePercent(text: string): number | undefined {
  return /^[+-]?[0-9]+%$/.test(text) ? Number(text.slice(0, -1)) : undefined;
}
