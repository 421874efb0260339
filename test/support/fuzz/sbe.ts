import type { Prng } from '../../../src/core/prng.ts';
import { DECODE } from '../../../src/feed/l2/status.ts';
import { SPOT, SPOT_PARTIAL } from '../../../src/feed/venue/binance/dialect.ts';
import { SpotSbeDecoder } from '../../../src/feed/venue/binance-spot-sbe/decode.hot.ts';
import type { NaiveMessage } from '../../reference/naive-binance.ts';
import { naiveSbe } from '../../reference/naive-sbe.ts';
import { naiveForm } from '../binance-compare.ts';
import { SPOT_BTC, SPOT_NKN } from '../binance-frames.ts';
import { sbeSampleFrames } from '../sbe-frames.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const instruments = [SPOT_BTC, SPOT_NKN];

/** Each sample goes to the decoder of changes and to that of whole books. */
export function sbeTarget(): FuzzTarget {
  const decoders = [new SpotSbeDecoder(instruments, SPOT), new SpotSbeDecoder(instruments, SPOT_PARTIAL)];
  const samples = sbeSampleFrames();
  return {
    sources: [...samples, ...samples],
    mutate: mutateNumbers,
    check: (bytes, size, which, refusals) => {
      const partial = which >= samples.length ? 1 : 0;
      const decoder = decoders[partial]!;
      const messages: NaiveMessage[] = [];
      let status = decoder.decode(bytes, 0, size);
      for (;;) {
        if (status === DECODE.OK) messages.push(naiveForm(decoder.message, 'spot'));
        if (decoder.more === 0) break;
        status = decoder.next();
      }
      // The naive decoder of JSON sees numbers and not their text: an id written 1E8 is refused here and an integer there.
      if (messages.length === 0 && (!refusals || isText(bytes))) return false;
      const expected = naiveSbe(bytes.slice(0, size), instruments, partial === 1).filter((one) => one !== undefined);
      mustEqual(messages, expected);
      return messages.length > 0;
    },
  };
}

/** True where JSON is read when no SBE message is: an object, or the URL of a recorded answer. */
function isText(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x68;
}

/** Small numbers, neighbours and any byte; one in eight is cut off. */
function mutateNumbers(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  for (let change = 1 + prng.nextInt(3); change > 0; change--) {
    const at = prng.nextInt(source.length);
    target[at] = prng.nextInt(3) === 0 ? prng.nextInt(256) : prng.nextInt(3) === 0 ? target[at]! + 1 : prng.nextInt(4);
  }
  return prng.nextInt(8) === 0 ? prng.nextInt(source.length + 1) : source.length;
}
