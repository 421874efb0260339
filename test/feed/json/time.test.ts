import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { scanTime } from '../../../src/feed/json/time.hot.ts';

const out = new Float64Array(2);

/** Epoch ms and the ns beyond them, or undefined when refused. */
function scan(text: string): [ms: number, restNs: number] | undefined {
  const bytes = new TextEncoder().encode(`9${text}9`);
  return scanTime(bytes, 1, bytes.length - 1, out, 0, 1) < 0 ? undefined : [out[0]!, out[1]!];
}

test('times are read exactly, to the last of nine decimals', () => {
  assert.equal(scan('2021-04-17T16:43:30.244075Z'), [1_618_677_810_244, 75_000]);
  assert.equal(scan('2016-03-12T05:08:36.83234Z'), [1_457_759_316_832, 340_000]);
  assert.equal(scan('1970-01-01T00:00:00Z'), [0, 0]);
  assert.equal(scan('2024-02-29T23:59:59.999999999Z'), [1_709_251_199_999, 999_999]);
});

test('what is no time of the calendar, or not in UTC, is refused', () => {
  for (const text of [
    '',
    '2021-04-17',
    '2021-04-17T16:43:30',
    '2021-04-17 16:43:30Z',
    '2021-04-17T16:43:30+00:00',
    '2021-04-17T16:43:30.Z',
    '2021-04-17T16:43:30.1234567890Z',
    '2021-04-17T16:43:30.12x4Z',
    '2021-04-31T16:43:30Z',
    '2021-02-29T16:43:30Z',
    '2021-13-01T16:43:30Z',
    '2021-00-01T16:43:30Z',
    '2021-01-00T16:43:30Z',
    '2021-01-01T24:00:00Z',
    '2021-01-01T23:60:00Z',
    '2016-12-31T23:59:60Z',
    '1969-12-31T23:59:59Z',
    '2100-01-01T00:00:00Z',
    'x021-04-17T16:43:30Z',
  ])
    assert.is(scan(text), undefined, text);
});

test('20,000 random times agree with Date', () => {
  const prng = new Prng(7);
  for (let i = 0; i < 20_000; i++) {
    const ms = prng.nextInt(2_000_000_000) * 2_050 + prng.nextInt(2_050);
    const micros = prng.nextInt(1_000);
    const text = new Date(ms).toISOString().replace('Z', `${micros}`.padStart(3, '0').concat('Z'));
    assert.equal(scan(text), [ms, micros * 1_000], text);
  }
});

test.run();
