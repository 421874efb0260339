import { FullDecoder } from '../../../src/feed/venue/coinbase-full/decode.hot.ts';
import { naiveFull } from '../../reference/naive-coinbase-full.ts';
import { FULL_INSTRUMENTS, fullFormOf } from '../coinbase-full-form.ts';
import { sampleFullFrames } from '../coinbase-full-frames.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

export function coinbaseFullTarget(): FuzzTarget {
  const decoder = new FullDecoder(FULL_INSTRUMENTS);
  const general = new FullDecoder(FULL_INSTRUMENTS);
  const text = new TextDecoder();
  return {
    sources: sampleFullFrames().map((frame) => new TextEncoder().encode(frame)),
    check: (bytes, size) => {
      const slow = general.decodeAnyOrder(bytes, 0, size);
      mustEqual(
        [decoder.decode(bytes, 0, size), decoder.kind, decoder.message.instrument],
        [slow, general.kind, general.message.instrument],
      );
      const found = fullFormOf(decoder, bytes, size);
      if (typeof found === 'number' || found === 'refused') return false;
      mustEqual(found, naiveFull(text.decode(bytes.subarray(0, size)), FULL_INSTRUMENTS));
      return true;
    },
  };
}
