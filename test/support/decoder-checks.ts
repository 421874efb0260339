import * as assert from 'uvu/assert';
import type { Instrument } from '../../src/core/instrument.ts';
import { DECODE } from '../../src/feed/l2/status.ts';
import type { BinanceDecoder } from '../../src/feed/venue/binance/decoder.hot.ts';
import { type NaiveVenue, naiveDecode } from '../reference/naive-binance.ts';
import { assertSame } from './binance-compare.ts';

/** Decodes a frame alone, and amid bytes that would continue it: what surrounds a frame must not matter. */
export function decodeText(decoder: BinanceDecoder, text: string): number {
  const bytes = new TextEncoder().encode(text);
  const block = new TextEncoder().encode(`9"}]${text}}]0"${'9'.repeat(64)}`);
  const inside = decoder.decode(block, 4, 4 + bytes.length);
  assert.is(decoder.decode(bytes, 0, bytes.length), inside, 'the surroundings of a frame do not matter');
  return decoder.decode(block, 4, 4 + bytes.length);
}

/** Every sample decodes as the naive decoder says, by both paths; the samples that are messages. */
export function checkSamples(
  decoder: BinanceDecoder,
  samples: readonly string[],
  instruments: readonly Instrument[],
  venue: NaiveVenue,
): number {
  let messages = 0;
  for (const text of samples) {
    const bytes = new TextEncoder().encode(text);
    const expected = naiveDecode(text, instruments, venue);
    const status = decodeText(decoder, text);
    assert.is(status === DECODE.OK, expected !== undefined, text);
    if (status === DECODE.OK) assertSame(text, decoder.message, expected, venue);
    assert.is(decoder.decodeAnyOrder(bytes, 0, bytes.length), status, text);
    if (status === DECODE.OK) assertSame(text, decoder.message, expected, venue);
    if (status === DECODE.OK) messages++;
  }
  return messages;
}

/** No beginning of a sample is a message. */
export function checkCutOff(decoder: BinanceDecoder, samples: readonly string[]): void {
  for (const text of samples) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) {
      assert.is.not(decodeText(decoder, whole.slice(0, length)), DECODE.OK, whole.slice(0, length));
    }
  }
}

/** True when the fast path alone takes the frame: the general path is out of order while it is asked. */
export function takesFastPath(decoder: BinanceDecoder, text: string): boolean {
  const bytes = new TextEncoder().encode(`${text}${' '.repeat(64)}`);
  const anyOrder = decoder.decodeAnyOrder;
  decoder.decodeAnyOrder = () => DECODE.BAD_JSON;
  const status = decoder.decode(bytes, 0, text.length);
  decoder.decodeAnyOrder = anyOrder;
  return status === DECODE.OK;
}
