import { generateKeyPairSync } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../src/core/errors.ts';
import type { Instrument } from '../../src/core/instrument.ts';
import { ManualClock } from '../../src/core/time.ts';
import { chooseLive, type LiveKeys, type LivePorts, type LiveSettings } from '../../src/feed/live.ts';
import { LIVE_VENUES, type LiveName, liveNameFromText, liveVenue, openLive } from '../../src/feed/live-venues.ts';
import type { VenueConnection } from '../../src/feed/transport/connection.ts';
import { systemTimers } from '../../src/feed/transport/timers.ts';

const instrument = (id: number, symbol: string): Instrument => ({
  id,
  symbol,
  priceDecimals: 2,
  qtyDecimals: 3,
  tickUnits: 1,
  lotUnits: 1,
});
const TWO = [instrument(0, 'AAA'), instrument(1, 'BBB')];
const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'sec1' }).toString();
const KEYS = { key: 'a-key', secret: 'c2VjcmV0', passphrase: 'a-passphrase' };
const keysOf = (name: LiveName): LiveKeys => (name === 'coinbase-advanced' ? { ...KEYS, secret: PEM } : KEYS);
const PORTS: LivePorts = { clock: new ManualClock(), timers: systemTimers, random: () => 0, epochMs: () => 1_700_000_000_000 };

function connectionOf(name: LiveName, settings: Partial<LiveSettings> = {}): VenueConnection {
  const venue = liveVenue(name);
  return venue.connection(chooseLive(name, venue, { instruments: TWO, keys: keysOf(name), ...settings }), PORTS);
}

function errorOf(name: LiveName, settings: Partial<LiveSettings>): string {
  try {
    chooseLive(name, liveVenue(name), { instruments: TWO, ...settings });
  } catch (error) {
    assert.instance(error, TickpathError);
    return (error as TickpathError).message;
  }
  return '';
}

/** Binary messages hold their names as text. */
const textOf = (message: string | Uint8Array): string => (typeof message === 'string' ? message : Buffer.from(message).toString('latin1'));

for (const name of LIVE_VENUES) {
  test(`${name}: every mode and depth has a connection that names every instrument, over TLS, within stated budgets`, () => {
    const { modes, depths, silenceMs, bookAgeMs } = liveVenue(name);
    assert.ok(silenceMs > 0 && bookAgeMs > 0);
    for (const mode of modes.length === 0 ? [undefined] : modes) {
      for (const depth of depths.length === 0 ? [undefined] : depths) {
        const one = connectionOf(name, { ...(mode === undefined ? {} : { mode }), ...(depth === undefined ? {} : { depth }) });
        assert.match(one.url, name === 'tickpath' ? /^ws:\/\/127\.0\.0\.1:\d+\// : /^wss:\/\/[a-z0-9.-]+(:\d+)?(\/|$)/);
        const greetings = typeof one.greetings === 'function' ? one.greetings() : (one.greetings ?? []);
        const said = `${one.url} ${greetings.map(textOf).join(' ')}`;
        for (const { symbol } of TWO) assert.match(said, new RegExp(symbol, 'i'), `${name} ${mode} ${depth}`);
        assert.ok(one.connections !== undefined && one.connections.count > 0, 'attempts have a budget');
        if (one.fetchSnapshot !== undefined) assert.ok(one.requests!.count > 0, 'requests have a budget');
        assert.not(one.fetchSnapshot !== undefined && one.resubscribe !== undefined, 'one way to a snapshot');
        if (one.resubscribe !== undefined) assert.match(one.resubscribe(1).map(textOf).join(), 'BBB');
      }
    }
  });
}

test('settings that a venue does not offer are refused with what it offers', () => {
  assert.is(errorOf('kraken', { depth: 7 }), 'live kraken: depth 7: expected one of 10, 25, 100, 500, 1000');
  assert.is(errorOf('kraken', { mode: 'v3' }), 'live kraken: mode v3: expected one of v2, v1');
  assert.is(errorOf('okx', { depth: 5 }), 'live okx: depth 5: expected none');
  assert.is(errorOf('binance-spot', { mode: 'raw' }), 'live binance-spot: mode raw: expected none');
  assert.is(errorOf('okx', { instruments: [] }), 'live okx: instruments none: expected at least one');
  assert.is(errorOf('okx', { streamBase: 'http://x' }), 'live okx: streamBase http://x: expected a URL with wss: or ws:');
  assert.is(errorOf('okx', { restBase: 'nowhere' }), 'live okx: restBase nowhere: expected a URL with https: or http:');
  assert.is(errorOf('binance-spot-sbe', {}), 'live binance-spot-sbe: keys.key absent: expected the key of an account');
  assert.throws(() => liveNameFromText('ftx'), /unknown live venue "ftx"; expected one of: binance-usdm, /);
  assert.is(liveNameFromText('okx'), 'okx');
});

test('a secret that cannot sign is refused before there is a connection', () => {
  const open = (): unknown => openLive('coinbase-advanced', { instruments: TWO, keys: { ...KEYS, secret: 'no PEM' } }, PORTS);
  assert.throws(open, /^live coinbase-advanced: keys.secret cannot sign \(.*\): expected it as the venue gives it$/);
});

test('a base of configuration stands for that of the venue, with or without a slash at its end', () => {
  assert.is(connectionOf('kraken', { streamBase: 'ws://127.0.0.1:1/' }).url, 'ws://127.0.0.1:1/v2');
  assert.is(connectionOf('kraken', { streamBase: 'ws://127.0.0.1:1', mode: 'v1' }).url, 'ws://127.0.0.1:1');
  assert.match(connectionOf('binance-usdm', { streamBase: 'wss://host/public/' }).url, 'wss://host/public/stream?streams=aaa@depth');
});

test('only venues whose every message is a whole book have no way to a snapshot', () => {
  const without = LIVE_VENUES.flatMap((name) => {
    const modes = liveVenue(name).modes;
    return (modes.length === 0 ? [''] : modes)
      .filter((mode) => {
        const one = connectionOf(name, mode === '' ? {} : { mode });
        return one.fetchSnapshot === undefined && one.resubscribe === undefined;
      })
      .map((mode) => `${name} ${mode}`.trim());
  });
  assert.equal(without, ['binance-spot-partial', 'binance-spot-sbe partial', 'okx books5', 'okx bbo-tbt', 'hyperliquid']);
});

test.run();
