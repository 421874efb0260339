import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  deribitAuthentication,
  deribitHeartbeat,
  deribitSubscription,
  deribitTest,
  deribitUnsubscription,
} from '../../../../src/feed/venue/deribit/endpoints.ts';
import { HYPERLIQUID_PING, hyperliquidSubscriptions } from '../../../../src/feed/venue/hyperliquid/endpoints.ts';

test('Deribit is asked for book and trades of each instrument, privately when raw', () => {
  assert.equal(JSON.parse(deribitSubscription(7, ['BTC-PERPETUAL'], '100ms')), {
    jsonrpc: '2.0',
    id: 7,
    method: 'public/subscribe',
    params: { channels: ['book.BTC-PERPETUAL.100ms', 'trades.BTC-PERPETUAL.100ms'] },
  });
  assert.is(JSON.parse(deribitSubscription(7, ['X'], 'raw'))['method'], 'private/subscribe');
  assert.equal(JSON.parse(deribitUnsubscription(8, 'X', 'raw'))['params'], { channels: ['book.X.raw'] });
  assert.equal(JSON.parse(deribitHeartbeat(9, 10))['params'], { interval: 10 });
  assert.is(JSON.parse(deribitTest(1))['method'], 'public/test');
});

test('a Deribit signature is that of time, nonce and empty data, each on its line', () => {
  // Published with the venue's documentation of client_signature.
  const { params } = JSON.parse(deribitAuthentication(1, 'AMANDA', 'AMANDASECRECT', 1_576_074_319_000, '1iqt2wls')) as {
    params: Record<string, unknown>;
  };
  assert.is(params['signature'], '56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1');
  assert.equal([params['grant_type'], params['client_id'], params['timestamp']], ['client_signature', 'AMANDA', 1_576_074_319_000]);
});

test('Hyperliquid takes one subscription a message', () => {
  assert.equal(
    hyperliquidSubscriptions('BTC').map((text) => JSON.parse(text)),
    [
      { method: 'subscribe', subscription: { type: 'l2Book', coin: 'BTC' } },
      { method: 'subscribe', subscription: { type: 'trades', coin: 'BTC' } },
    ],
  );
  assert.equal(JSON.parse(HYPERLIQUID_PING), { method: 'ping' });
});

test.run();
