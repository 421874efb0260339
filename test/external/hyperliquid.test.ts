import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HyperliquidDecoder } from '../../src/feed/venue/hyperliquid/decode.hot.ts';
import { naiveHyperliquid } from '../reference/naive-hyperliquid.ts';
import { BTC_COIN } from '../support/hyperliquid-frames.ts';
import { decodeAll, resultsOf } from '../support/l2-decoding.ts';
import { nautilusSamples } from '../support/nautilus.ts';

test('books and trades of the samples decode as JSON.parse says', () => {
  const samples = nautilusSamples('hyperliquid');
  if (samples === undefined) return;
  const instruments = [{ ...BTC_COIN, priceDecimals: 2 }];
  const decoder = new HyperliquidDecoder(instruments);
  const decode = (text: string): (string | number)[] => {
    const bytes = new TextEncoder().encode(text);
    const found = decodeAll(decoder, bytes, 0, bytes.length);
    assert.equal(resultsOf(found), naiveHyperliquid(text, instruments));
    return found.map((one) => (typeof one === 'number' ? one : one.kind));
  };
  for (const name of ['ws_book_data.json', 'http_l2_book_btc.json', 'http_l2_book_snapshot.json']) {
    const text = samples.get(name)!;
    assert.equal(decode(text), ['snapshot'], name);
    assert.equal(decode(`{"channel":"l2Book","data":${text}}`), ['snapshot'], name);
  }
  const trades = samples.get('http_recent_trades_btc.json')!;
  assert.equal(decode(`{"channel":"trades","data":${trades}}`), ['trade', 'trade', 'trade']);
  assert.equal(decode(samples.get('ws_allmids.json')!), [1]);
});

test.run();
