import { DECODE } from '../../../src/feed/l2/status.ts';
import type { BinanceDecoder } from '../../../src/feed/venue/binance/decoder.hot.ts';
import { SPOT, SPOT_PARTIAL } from '../../../src/feed/venue/binance/dialect.ts';
import { CoinmDecoder } from '../../../src/feed/venue/binance-coinm/decode.hot.ts';
import { SpotDecoder } from '../../../src/feed/venue/binance-spot/decode.hot.ts';
import { UsdmDecoder } from '../../../src/feed/venue/binance-usdm/decode.hot.ts';
import { type NaiveVenue, naiveDecode } from '../../reference/naive-binance.ts';
import { assertSame } from '../binance-compare.ts';
import { BTC, BTCUSD, coinmSampleFrames, LINKUSD, PEPE, SPOT_BTC, SPOT_NKN, sampleFrames, spotSampleFrames } from '../binance-frames.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export function usdmTarget(): FuzzTarget {
  const instruments = [BTC, PEPE];
  return binanceTarget(sampleFrames(), () => new UsdmDecoder(instruments), instruments);
}

export function coinmTarget(): FuzzTarget {
  const instruments = [BTCUSD, LINKUSD];
  return binanceTarget(coinmSampleFrames(), () => new CoinmDecoder(instruments), instruments);
}

export function spotTarget(venue: 'spot' | 'spot-partial'): FuzzTarget {
  const instruments = [SPOT_BTC, SPOT_NKN];
  const dialect = venue === 'spot' ? SPOT : SPOT_PARTIAL;
  return binanceTarget(spotSampleFrames(), () => new SpotDecoder(instruments, dialect), instruments, venue);
}

/** The fast path and the general one must agree; the naive decoder reads what is accepted. */
function binanceTarget(
  samples: readonly string[],
  create: () => BinanceDecoder,
  instruments: Parameters<typeof naiveDecode>[1],
  venue?: NaiveVenue,
): FuzzTarget {
  const decoder = create();
  const general = create();
  const text = new TextDecoder();
  return {
    sources: samples.map(encode),
    acceptedMin: 1 / 20,
    check: (bytes, size, _which, refusals) => {
      const status = decoder.decode(bytes, 0, size);
      if (refusals) mustEqual(general.decodeAnyOrder(bytes, 0, size), status);
      if (status !== DECODE.OK) return false;
      const frame = text.decode(bytes.subarray(0, size));
      assertSame(frame, decoder.message, naiveDecode(frame, instruments, venue), venue);
      return true;
    },
  };
}
