import type { Instrument } from '../../../src/core/instrument.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import type { L2Decoder } from '../../../src/feed/l2/decoder.ts';
import { DECODE } from '../../../src/feed/l2/status.ts';
import { BybitDecoder } from '../../../src/feed/venue/bybit/decode.hot.ts';
import { CoinbaseDecoder } from '../../../src/feed/venue/coinbase/decode.hot.ts';
import { DeribitDecoder } from '../../../src/feed/venue/deribit/decode.hot.ts';
import { HyperliquidDecoder } from '../../../src/feed/venue/hyperliquid/decode.hot.ts';
import { KrakenDecoder } from '../../../src/feed/venue/kraken/decode.hot.ts';
import { OkxDecoder } from '../../../src/feed/venue/okx/decode.hot.ts';
import { OKX_BOOKS } from '../../../src/feed/venue/okx/modes.ts';
import { naiveBybit } from '../../reference/naive-bybit.ts';
import { naiveCoinbase } from '../../reference/naive-coinbase.ts';
import { naiveDeribit } from '../../reference/naive-deribit.ts';
import type { NaiveMessage } from '../../reference/naive-fields.ts';
import { naiveHyperliquid } from '../../reference/naive-hyperliquid.ts';
import { naiveKraken } from '../../reference/naive-kraken.ts';
import { naiveOkx } from '../../reference/naive-okx.ts';
import * as bybit from '../bybit-frames.ts';
import * as coinbase from '../coinbase-frames.ts';
import * as deribit from '../deribit-frames.ts';
import * as hyperliquid from '../hyperliquid-frames.ts';
import * as kraken from '../kraken-frames.ts';
import { formOf, type NaiveDecode, type TwoPathDecoder } from '../l2-decoding.ts';
import * as okx from '../okx-frames.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const BYBIT_DEPTH = 50;

export function coinbaseTarget(): FuzzTarget {
  const instruments = [coinbase.BTC_USD, coinbase.SKL_EUR];
  return levelsTarget(coinbase.sampleFrames(), instruments, () => new CoinbaseDecoder(instruments, ownFeedCounters()), naiveCoinbase);
}

export function krakenTarget(): FuzzTarget {
  const instruments = [kraken.BTC_USD, kraken.MATIC_USD, kraken.XMR_USD];
  return levelsTarget(kraken.sampleFrames(), instruments, () => new KrakenDecoder(instruments), naiveKraken);
}

export function bybitTarget(): FuzzTarget {
  const instruments = [bybit.BTCUSDT, bybit.XRPUSDT];
  return levelsTarget(bybit.sampleFrames(), instruments, () => new BybitDecoder(instruments, BYBIT_DEPTH), naiveBybit(BYBIT_DEPTH), true);
}

export function deribitTarget(): FuzzTarget {
  const instruments = [deribit.PERPETUAL, deribit.OPTION];
  return levelsTarget(deribit.sampleDeribitFrames(), instruments, () => new DeribitDecoder(instruments), naiveDeribit, true);
}

export function hyperliquidTarget(): FuzzTarget {
  const instruments = [hyperliquid.BTC_COIN, hyperliquid.SPOT_COIN];
  return levelsTarget(hyperliquid.sampleHyperliquidFrames(), instruments, () => new HyperliquidDecoder(instruments), naiveHyperliquid);
}

/** Each sample goes to the decoder of each of the books that the venue has. */
export function okxTarget(): FuzzTarget {
  const instruments = [okx.BTC_USDT, okx.UNI_SWAP];
  const targets = OKX_BOOKS.map((books) =>
    levelsTarget(okx.sampleFrames(), instruments, () => new OkxDecoder(instruments, books), naiveOkx(books), true),
  );
  return {
    sources: targets.flatMap(({ sources }) => sources),
    check: (bytes, size, which, refusals) => {
      const target = targets[Math.floor(which / targets[0]!.sources.length)]!;
      return target.check(bytes, size, which, refusals);
    },
  };
}

/**
 * The fast path and the general one must agree on every frame; every message that is accepted must be the naive decoder's. Accepted
 * frames are those accepted whole.
 */
function levelsTarget(
  samples: readonly string[],
  instruments: readonly Instrument[],
  create: () => TwoPathDecoder,
  naive: NaiveDecode,
  links = false,
): FuzzTarget {
  const decoder = create();
  const general = create();
  const text = new TextDecoder();
  return {
    sources: samples.map((sample) => new TextEncoder().encode(sample)),
    check: (bytes, size) => {
      const found: (NaiveMessage | undefined)[] = [];
      let status = decoder.decode(bytes, 0, size);
      let slow = general.decodeAnyOrder(bytes, 0, size);
      for (;;) {
        mustEqual(outcomeOf(status, decoder), outcomeOf(slow, general));
        found.push(status === DECODE.OK ? formOf(decoder.message, links) : undefined);
        if (status === DECODE.OK) mustEqual(found.at(-1), formOf(general.message, links));
        if (decoder.more === 0) break;
        if (found.length > MESSAGES_MAX) throw new Error('a frame that does not end');
        status = decoder.next();
        slow = general.next();
      }
      if (found.every((one) => one === undefined)) return false;
      const expected = naive(text.decode(bytes.subarray(0, size)), instruments);
      found.forEach((one, at) => one !== undefined && mustEqual(one, expected[at]));
      return !found.includes(undefined);
    },
  };
}

const outcomeOf = (status: number, { more, message }: L2Decoder): number[] => [status, more, message.kind, message.instrument];
const MESSAGES_MAX = 1_000;
