import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import { DECODE } from '../../../src/feed/l2/status.ts';
import { BybitDecoder } from '../../../src/feed/venue/bybit/decode.hot.ts';
import { CoinbaseDecoder } from '../../../src/feed/venue/coinbase/decode.hot.ts';
import { FullDecoder } from '../../../src/feed/venue/coinbase-full/decode.hot.ts';
import { DeribitDecoder } from '../../../src/feed/venue/deribit/decode.hot.ts';
import { HyperliquidDecoder } from '../../../src/feed/venue/hyperliquid/decode.hot.ts';
import { KrakenDecoder } from '../../../src/feed/venue/kraken/decode.hot.ts';
import { OkxDecoder } from '../../../src/feed/venue/okx/decode.hot.ts';
import * as bybit from '../../support/bybit-frames.ts';
import * as coinbase from '../../support/coinbase-frames.ts';
import * as full from '../../support/coinbase-full-frames.ts';
import * as deribit from '../../support/deribit-frames.ts';
import * as hyperliquid from '../../support/hyperliquid-frames.ts';
import * as kraken from '../../support/kraken-frames.ts';
import { formOf, type TwoPathDecoder, takesShortCut } from '../../support/l2-decoding.ts';
import * as okx from '../../support/okx-frames.ts';

type Decoder = Pick<TwoPathDecoder, 'message' | 'decode' | 'decodeAnyOrder'>;

interface Venue {
  readonly name: string;
  readonly create: () => Decoder;
  /** Frames as the venue writes them today, each of which has a short cut. */
  readonly frames: readonly string[];
}

const bids = [
  ['100.5', '2.5'],
  ['99', '0.001'],
] as const;
const asks = [['101', '7']] as const;
const at = '1618678133.365913';
const VENUES: readonly Venue[] = [
  {
    name: 'OKX',
    create: () => new OkxDecoder([okx.BTC_USDT, okx.UNI_SWAP], 'books'),
    frames: [
      okx.bookText('update', { bids, asks, checksum: -7 }),
      okx.bookText('update', { bids, seqId: 15, prevSeqId: 16 }),
      okx.bookText('snapshot', { bids, asks, checksum: 1, seqId: 15, prevSeqId: -1 }),
      okx.bookText('update', { asks: [['5.123', '100']], seqId: 3, prevSeqId: 2 }, 'UNI-USD-SWAP'),
    ],
  },
  {
    name: 'Bybit',
    create: () => new BybitDecoder([bybit.BTCUSDT, bybit.XRPUSDT], 50),
    frames: [
      bybit.bookText('delta', { b: bids, a: asks, u: 20254870, seq: 130020239261 }),
      bybit.bookText('snapshot', { b: [], a: asks, u: 1, seq: 2 }),
      bybit.bookText('delta', { symbol: 'XRPUSDT', b: [['1.9531', '6198']], u: 20254871 }),
    ],
  },
  {
    name: 'Kraken v1',
    create: () => new KrakenDecoder([kraken.BTC_USD, kraken.XMR_USD]),
    frames: [
      kraken.firstChange([{ b: [['354.15000000', '0.00000000', at]], c: '2583817756' }]),
      kraken.firstChange([
        { a: [['354.30000000', '364630.28272081', '1618678145.920470', 'r']] },
        {
          b: [
            ['354.00000000', '0.5', '1618678145'],
            ['353.00000000', '0.5', '1618678145.5'],
          ],
          c: '4105471083',
        },
      ]),
      kraken.firstChange([{ a: [], c: '1' }], 1000),
    ],
  },
  {
    name: 'Coinbase',
    create: () => new CoinbaseDecoder([coinbase.BTC_USD, coinbase.SKL_EUR], ownFeedCounters()),
    frames: [
      coinbase.updateText(244075, [
        ['buy', '68900.00', '0.00000000'],
        ['sell', '68900.01', '3'],
      ]),
      coinbase.updateText(5, [['sell', '0.4390', '12.5']], 'SKL-EUR'),
      coinbase.updateText(59_999_999, []),
    ],
  },
  {
    name: 'Coinbase full',
    create: () => new FullDecoder([coinbase.BTC_USD]),
    frames: [
      full.openText(2, 3, 'sell', '413.65', '2.25'),
      full.openText(760_636_965, 4, 'buy', '412.7', '0.00000001'),
      full.doneText(5, 3, 'sell', '413.65', '2.25'),
      full.doneText(1_234_567_890_123, 3, 'buy', '413.65', '0'),
      full.receivedText(1),
      full.lineText(760_636_963, 5, 'buy', '412.75', '4'),
      full.lineText(760_636_963, 5, 'sell', '412.75', '4'),
    ],
  },
  {
    name: 'Deribit',
    create: () => new DeribitDecoder([deribit.PERPETUAL, deribit.OPTION]),
    frames: [
      deribit.bookText(13169025646, 13169025645, [['change', '42500.0', '1000.0']], [['delete', '42501.5', '0.0']]),
      deribit.bookText(13169025645, undefined, [['new', '42500.0', '10']], [], 'BTC-PERPETUAL', '100ms'),
      deribit.bookText(2, 1, [], [['new', '0.0020', '1.0']], 'BTC-24SEP21-8000-P'),
      deribit.deribitTickerText(),
    ],
  },
  {
    name: 'Hyperliquid',
    create: () => new HyperliquidDecoder([hyperliquid.BTC_COIN, hyperliquid.SPOT_COIN]),
    frames: [
      hyperliquid.l2BookText(1703875200000, bids, asks),
      hyperliquid.l2BookText(1, [], [], 'PURR/USDC'),
      '{"channel":"l2Book","data":{"coin":"BTC","levels":[[{"px":"110427.0","sz":"4.11882"}],[]],"time":1761786491067}}',
    ],
  },
];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Everything a decoder left: all numbers of its message, and for an order its own fields. */
function stateOf(decoder: Decoder): unknown {
  const { kind, side, orderId, ticks, lots, isFar, hasLots } = decoder as Partial<FullDecoder>;
  const { message } = decoder;
  return { ...formOf(message, true), all: [...message.numbers.slice(0, 7)], kind, side, orderId, ticks, lots, isFar, hasLots };
}

/** The same JSON with the keys of every object reversed. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  );
}

for (const { name, create, frames } of VENUES) {
  test(`${name}: the short cut takes what the venue writes, and says what the general path says`, () => {
    for (const first of frames) {
      for (const text of frames) {
        const decoder = create();
        const general = create();
        // The message before leaves behind what the short cut expects of the next.
        for (const one of [first, text]) {
          assert.ok(takesShortCut(decoder, one) || takesShortCut(decoder, one), one);
          assert.is(general.decodeAnyOrder(encode(one), 0, encode(one).length), DECODE.OK);
          assert.equal(stateOf(decoder), stateOf(general), one);
        }
      }
    }
  });

  test(`${name}: other orders of keys, and white space, mean the same`, () => {
    for (const text of frames) {
      const decoder = create();
      assert.is(decoder.decode(encode(`${text}${' '.repeat(64)}`), 0, encode(text).length), DECODE.OK);
      const expected = stateOf(decoder);
      // Kraken's names of channel and pair stand at the end of an array: there is no other order of them.
      for (const other of [JSON.stringify(reversed(JSON.parse(text))), JSON.stringify(JSON.parse(text), null, 1)]) {
        const bytes = encode(`${other}${' '.repeat(64)}`);
        assert.is(decoder.decode(bytes, 0, bytes.length - 64), DECODE.OK, other);
        assert.equal(stateOf(decoder), expected, other);
      }
    }
  });

  test(`${name}: no beginning of a frame is a message, whatever stands behind it`, () => {
    for (const text of frames) {
      const decoder = create();
      for (let length = 0; length < text.length; length++) {
        for (const behind of [text.slice(length), '9"}]}0]}"']) {
          const bytes = encode(`${text.slice(0, length)}${behind}${'9'.repeat(64)}`);
          assert.is.not(decoder.decode(bytes, 0, length), DECODE.OK, text.slice(0, length));
        }
      }
      const inside = encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
      assert.is(decoder.decode(inside, 4, 4 + text.length), DECODE.OK);
    }
  });
}

test.run();
