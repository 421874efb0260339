import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LINK } from '../../src/venue-sim/market-data/link.ts';
import { generateSession } from '../../src/venue-sim/session.ts';
import { checkSession } from '../reference/naive-session.ts';

const SECOND_NS = 1e9;

test('for several seeds the streams follow the venues rules and bookTicker equals the book of the same update', () => {
  let compared = 0;
  for (const seed of [2, 3, 4]) {
    const check = checkSession(generateSession({ seed, durationNs: 12 * SECOND_NS }));
    assert.equal(check.problems.slice(0, 5), [], `seed ${seed}`);
    assert.ok(check.beforeSnapshot >= 4, `the snapshot comes after the first frames, came after ${check.beforeSnapshot}`);
    assert.ok(check.trades > 10, `trades ${check.trades}`);
    compared += check.compared;
  }
  assert.ok(compared >= 20, `too few updates carried both kinds: ${compared}`);
});

test('a seed names one session: same bytes again, other bytes for another seed', () => {
  const session = (seed: number): string => [...generateSession({ seed, durationNs: SECOND_NS })].join('\n');
  assert.is(session(5), session(5));
  assert.is.not(session(5), session(6));
});

test('a longer session begins with the shorter one', () => {
  const short = [...generateSession({ seed: 9, durationNs: SECOND_NS })];
  const long = [...generateSession({ seed: 9, durationNs: 2 * SECOND_NS })];
  assert.equal(long.slice(0, short.length), short);
});

test('a clock offset moves every receive time by itself and nothing else', () => {
  const offsetNs = -1_270_000_000;
  const plain = [...generateSession({ seed: 9, durationNs: SECOND_NS })];
  const moved = [...generateSession({ seed: 9, durationNs: SECOND_NS, link: { ...DEFAULT_LINK, clockOffsetNs: offsetNs } })];
  assert.is(moved.length, plain.length);
  for (let i = 0; i < plain.length; i++) {
    assert.is(BigInt(moved[i]!.slice(0, 19)) - BigInt(plain[i]!.slice(0, 19)), BigInt(offsetNs));
    assert.is(moved[i]!.slice(19), plain[i]!.slice(19));
  }
});

test('frames have the keys and decimals of the venue, in its order', () => {
  const lines = [...generateSession({ seed: 9, durationNs: 3 * SECOND_NS })].map((line) => line.slice(20));
  const price = '"\\d+\\.\\d0"';
  const qty = '"\\d+\\.\\d{3}"';
  const levels = `\\[(\\[${price},${qty}\\](,\\[${price},${qty}\\])*)?\\]`;
  const forms = [
    `^\\{"stream":"tpxusdt@bookTicker","data":\\{"e":"bookTicker","u":\\d{13},"s":"TPXUSDT","b":${price},"B":${qty},"a":${price},"A":${qty},"T":\\d{13},"E":\\d{13}\\}\\}$`,
    `^\\{"stream":"tpxusdt@trade","data":\\{"e":"trade","E":\\d{13},"T":\\d{13},"s":"TPXUSDT","t":\\d{10},"p":${price},"q":${qty},"X":"MARKET","m":(true|false)\\}\\}$`,
    `^\\{"stream":"tpxusdt@depth@0ms","data":\\{"e":"depthUpdate","E":\\d{13},"T":\\d{13},"s":"TPXUSDT","U":\\d{13},"u":\\d{13},"pu":\\d{13},"b":${levels},"a":${levels}\\}\\}$`,
    `^\\{"lastUpdateId":\\d{13},"E":\\d{13},"T":\\d{13},"bids":${levels},"asks":${levels}\\}$`,
  ].map((form) => new RegExp(form));
  const seen = forms.map((form) => lines.filter((line) => form.test(line)).length);
  assert.is(
    seen.reduce((sum, count) => sum + count, 0),
    lines.length,
  );
  assert.is(seen[3], 1);
  for (const count of seen) assert.ok(count > 0);
});

test.run();
