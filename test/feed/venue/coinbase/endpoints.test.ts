import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  advancedSubscription,
  exchangeBookFrame,
  exchangeBookUrl,
  exchangeSignature,
  exchangeSubscription,
  exchangeUnsubscription,
} from '../../../../src/feed/venue/coinbase/endpoints.ts';

test('a subscription asks for the book, matches and the heartbeat; full holds the matches itself', () => {
  assert.equal(JSON.parse(exchangeSubscription(['BTC-USD'], 'level2_batch')), {
    type: 'subscribe',
    product_ids: ['BTC-USD'],
    channels: ['level2_batch', 'matches', 'heartbeat'],
  });
  assert.equal(JSON.parse(exchangeSubscription(['BTC-USD'], 'full'))['channels'], ['full', 'heartbeat']);
  assert.equal(JSON.parse(exchangeUnsubscription(['BTC-USD'], 'full')), {
    type: 'unsubscribe',
    product_ids: ['BTC-USD'],
    channels: ['full'],
  });
});

test('a signature is the HMAC-SHA256 of time, method and path under the decoded secret', () => {
  // Computed with `printf '1700000000GET/users/self/verify' | openssl dgst -sha256 -hmac secret -binary | base64`.
  const signed = exchangeSignature({ key: 'k', passphrase: 'p', secret: Buffer.from('secret').toString('base64') }, 1_700_000_000);
  assert.equal(signed, { signature: 'lhmJXK08fk9SI1ZwFXKFRrPtzfbNOwC+D1xMJJ/1KZg=', key: 'k', passphrase: 'p', timestamp: '1700000000' });
  assert.is(JSON.parse(exchangeSubscription(['BTC-USD'], 'level2', signed))['key'], 'k');
});

test('the answer with every order is wrapped as received', () => {
  assert.is(
    exchangeBookUrl('https://api.exchange.coinbase.com/', 'BTC-USD'),
    'https://api.exchange.coinbase.com/products/BTC-USD/book?level=3',
  );
  const frame = exchangeBookFrame('BTC-USD', new TextEncoder().encode('{"bids":[] }'));
  assert.is(new TextDecoder().decode(frame), '{"type":"snapshot","product_id":"BTC-USD","book":{"bids":[] }}');
});

test('Advanced Trade takes one channel a message, heartbeats for no product', () => {
  assert.equal(JSON.parse(advancedSubscription('level2', ['BTC-USD'], 'token')), {
    type: 'subscribe',
    channel: 'level2',
    product_ids: ['BTC-USD'],
    jwt: 'token',
  });
  assert.equal(JSON.parse(advancedSubscription('heartbeats', [])), { type: 'subscribe', channel: 'heartbeats' });
});

test.run();
