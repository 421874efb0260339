import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../src/core/errors.ts';
import { DECIMAL, decimalsOf, formatDecimal, parseDecimal, parseDecimalText } from '../../src/core/price.ts';
import { scanDecimal } from '../../src/feed/decimal.hot.ts';

const RUNS = { numRuns: 20_000 };
const LIMIT = 2n ** 53n;
const BEFORE = 3;

/** Parses `text` in the middle of other digits, which must not be looked at. */
function parse(text: string, decimals: number): number {
  const bytes = new TextEncoder().encode(`999${text}999`);
  return parseDecimal(bytes, BEFORE, bytes.length - BEFORE, decimals);
}

/** The same by the parser that stores its value. */
function scan(text: string, decimals: number): number {
  const bytes = new TextEncoder().encode(`999${text}999`);
  const out = new Float64Array(3).fill(-77);
  const status = scanDecimal(bytes, BEFORE, bytes.length - BEFORE, decimals, out, 1);
  assert.equal([out[0], out[2]], [-77, -77], 'only its own slot is written');
  if (status < 0) assert.is(out[1], -77, 'a refused text stores nothing');
  return status < 0 ? status : out[1]!;
}

/** What the digits say, exactly: units of 10^-decimals, or why there is no such integer below 2^53. */
function oracle(whole: string, fraction: string, decimals: number): bigint | 'decimals' | 'large' | 'either' {
  const kept = fraction.slice(0, decimals).padEnd(decimals, '0');
  const value = BigInt(`${whole}${kept}` || '0');
  const rest = /[1-9]/.test(fraction.slice(decimals));
  if (value >= LIMIT) return rest ? 'either' : 'large';
  return rest ? 'decimals' : value;
}

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
const decimalText = fc.record({
  whole: fc.oneof(
    digits(18),
    fc.bigInt({ min: LIMIT - 1_000n, max: LIMIT + 1_000n }).map(String),
    digits(4).map((text) => `00000${text}`),
  ),
  fraction: fc.oneof(
    digits(12),
    digits(6).map((text) => `${text}00000`),
  ),
  point: fc.boolean(),
  decimals: fc.integer({ min: 0, max: 10 }),
});

test('every decimal text gives the exact integer that BigInt gives, or the reason why there is none', () => {
  fc.assert(
    fc.property(decimalText, ({ whole, fraction: drawn, point, decimals }) => {
      const fraction = point ? drawn : '';
      const text = point ? `${whole}.${fraction}` : whole;
      const found = parse(text, decimals);
      if (whole + fraction === '') {
        assert.is(found, DECIMAL.EMPTY, text);
        return;
      }
      const expected = oracle(whole, fraction, decimals);
      if (expected === 'decimals') assert.is(found, DECIMAL.TOO_MANY_DECIMALS, text);
      else if (expected === 'large') assert.is(found, DECIMAL.TOO_LARGE, text);
      else if (expected === 'either') assert.ok(found === DECIMAL.TOO_LARGE || found === DECIMAL.TOO_MANY_DECIMALS, text);
      else {
        assert.ok(Number.isSafeInteger(found), text);
        assert.is(BigInt(found), expected, text);
      }
    }),
    RUNS,
  );
});

test('the decoder has a parser of its own, which agrees on every text, sensible or not', () => {
  const anything = fc.string({ unit: fc.constantFrom(...'0123456789..-+eE ,"x\u0000'), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(anything, digits(20)), fc.integer({ min: 0, max: 12 }), (text, decimals) => {
      assert.is(scan(text, decimals), parse(text, decimals), JSON.stringify(text));
    }),
    RUNS,
  );
});

test('whatever is not digits and at most one point is refused', () => {
  const anything = fc.string({ unit: fc.constantFrom(...'0123456789..-+eE ,"x'), maxLength: 12 });
  fc.assert(
    fc.property(anything, fc.integer({ min: 0, max: 8 }), (text, decimals) => {
      fc.pre(!/^(?=.*\d)\d*\.?\d*$/.test(text));
      assert.ok(parse(text, decimals) < 0, JSON.stringify(text));
    }),
    RUNS,
  );
  for (const text of ['-1', '+1', '1e3', '1.', '.5', '1.2.3', ' 1', '1 ', '١', 'NaN', 'Infinity', '0x10', '1_000', '.', '']) {
    const found = parse(text, 3);
    const expected = text === '1.' ? 1_000 : text === '.5' ? 500 : text === '.' || text === '' ? DECIMAL.EMPTY : DECIMAL.BAD_BYTE;
    assert.is(found, expected, JSON.stringify(text));
  }
});

test('the largest exact value passes and one more unit does not', () => {
  assert.is(parse('9007199254740991', 0), Number.MAX_SAFE_INTEGER);
  assert.is(parse('9007199254740992', 0), DECIMAL.TOO_LARGE);
  assert.is(parse('90071992.54740991', 8), Number.MAX_SAFE_INTEGER);
  assert.is(parse('90071992.54740992', 8), DECIMAL.TOO_LARGE);
  assert.is(parse('90071993', 8), DECIMAL.TOO_LARGE);
  assert.is(parse('9'.repeat(400), 0), DECIMAL.TOO_LARGE);
  assert.is(parse(`${'0'.repeat(400)}7.10`, 1), 71);
});

test('formatting is the inverse of parsing, with exactly the decimals asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 0, max: 15 }), (units, decimals) => {
      const text = formatDecimal(units, decimals);
      assert.is(decimalsOf(text), decimals);
      assert.is(parse(text, decimals), units);
      assert.is(formatDecimal(-units, decimals), units === 0 ? text : `-${text}`);
    }),
    RUNS,
  );
});

test('cold text is refused with the field, the text and what is wrong with it', () => {
  const cases: readonly (readonly [text: string, decimals: number, why: string])[] = [
    ['0.125', 2, 'has more than 2 decimals'],
    ['9007199254740992', 0, 'is beyond 2^53 - 1 units of its last decimal'],
    ['1e3', 2, 'is not a plain decimal number'],
    ['', 2, 'is not a plain decimal number'],
  ];
  for (const [text, decimals, why] of cases) {
    assert.throws(
      () => parseDecimalText(text, decimals, 'risk.max_loss'),
      (error: unknown) =>
        error instanceof TickpathError && error.exitCode === EXIT.USAGE && error.message === `risk.max_loss: "${text}" ${why}`,
    );
  }
});

test.run();
