import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  integerValue,
  milliValue,
  parseQuantity,
  subtractQuantities,
} from '../../lib/kubernetes/quantity';

describe('quantities', () => {
  it.each([
    ['0', '0'],
    ['1000m', '1'],
    ['100m', '100m'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.5', '1500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1Gi', '1Gi'],
    ['512', '512'],
    ['1000', '1k'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['1000k', '1M'],
    ['0.5Ki', '512'],
    ['0.1n', '1n'],
    ['-1500m', '-1500m'],
    ['1.500', '1.500'],
    ['1E', '1E'],
    ['9223372036854775808', '9223372036854775808'],
    ['16Ei', '9223372036854775807'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each([
    ['', /must match the regular expression/],
    ['abc', /must match the regular expression/],
    ['1 Gi', /must match the regular expression/],
    ['1.2.3', /must match the regular expression/],
    ['1Kib', /must match the regular expression/],
    ['1KK', /unable to parse quantity's suffix/],
    ['1ki', /unable to parse quantity's suffix/],
    ['1constructor', /must match the regular expression/],
  ])('refuses %p', (text, message) => {
    expect(() => parseQuantity(text)).toThrow(message);
  });

  it('calculates exactly where floating point would not', () => {
    const sum = addQuantities(parseQuantity('0.1'), parseQuantity('0.2'));
    expect(sum.text).toBe('300m');
    expect(subtractQuantities(sum, parseQuantity('300m')).text).toBe('0');
    expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1);
  });

  it('rounds up to whole and thousandth units', () => {
    expect(integerValue(parseQuantity('1500m'))).toBe(2);
    expect(milliValue(parseQuantity('100500u'))).toBe(101);
    expect(integerValue(parseQuantity('1Ki'))).toBe(1024);
  });

  it('survives absurd exponents', () => {
    expect(compareQuantities(parseQuantity('1e1000000'), parseQuantity('1E'))).toBe(1);
    expect(parseQuantity('1e-1000000').nano).toBe(1n);
  });
});
