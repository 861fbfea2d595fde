/**
 * What the common functions can be applied to, in the notation `receiver.(arguments)` or `(arguments)`.
 * https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions
 *
 *   size    string.() list.() (string) (list) ...    so `size(object, 1)` is wrong before it runs
 *
 * Functions that are not here take anything until they run.
 */
const TEXT_TO_TEXT = ['string.()'];
const TWO_TEXTS = ['string.(string)'];
const SIZED = ['string', 'bytes', 'list', 'map'];
const TIME_PART = ['google.protobuf.Timestamp.()', 'google.protobuf.Timestamp.(string)', 'google.protobuf.Duration.()'];

const OVERLOADS: Readonly<Record<string, readonly string[]>> = {
  size: SIZED.flatMap((type) => [`(${type})`, `${type}.()`]),
  startsWith: TWO_TEXTS,
  endsWith: TWO_TEXTS,
  contains: TWO_TEXTS,
  matches: ['string.(string)', '(string,string)'],
  lowerAscii: TEXT_TO_TEXT,
  upperAscii: TEXT_TO_TEXT,
  trim: TEXT_TO_TEXT,
  charAt: ['string.(int)'],
  replace: ['string.(string,string)', 'string.(string,string,int)'],
  split: ['string.(string)', 'string.(string,int)'],
  substring: ['string.(int)', 'string.(int,int)'],
  ...Object.fromEntries(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'].map((name) => [name, TIME_PART])),
  timestamp: ['(string)', '(int)', '(google.protobuf.Timestamp)'],
  duration: ['(string)', '(google.protobuf.Duration)'],
};

/** @param types of the receiver, if there is one, and of the arguments; `dyn` may be anything */
export function isApplicable(name: string, isMethod: boolean, types: readonly string[]): boolean {
  const known = Object.hasOwn(OVERLOADS, name) ? OVERLOADS[name] : undefined;
  if (!known) return true;
  return known.some((signature) => {
    const [, receiver, list] = /^(?:(.+)\.)?\((.*)\)$/.exec(signature)!;
    if (isMethod !== (receiver !== undefined)) return false;
    const wanted = [...(receiver === undefined ? [] : [receiver]), ...(list === '' ? [] : list!.split(','))];
    return wanted.length === types.length && wanted.every((each, i) => fits(each, types[i]!));
  });
}

/** Objects whose fields are known are maps to no function, but one of unknown fields may be. */
const fits = (wanted: string, given: string): boolean =>
  given === 'dyn' || given === wanted || (wanted === 'map' && given === 'object');
