import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FRAMER_MORE } from '../../../src/feed/transport/framer.ts';
import { RawFramer } from '../../../src/feed/transport/raw-framer.ts';

function framesOf(framer: RawFramer, text: string): [number, number, string][] {
  const block = new TextEncoder().encode(text);
  const frames: [number, number, string][] = [];
  framer.begin('x');
  for (let from = 0; from < block.length; ) {
    let next = framer.next(block, from, block.length);
    if (next === FRAMER_MORE) next = framer.last(block, from, block.length);
    if (framer.start < framer.end) frames.push([framer.seconds, framer.nanos, text.slice(framer.start, framer.end)]);
    from = next;
  }
  return frames;
}

test('capture lines and cryptofeed recordings are told apart file by file', () => {
  const framer = new RawFramer();
  assert.equal(framesOf(framer, '\n1723161255030314667 {"a":1}\n\n1723161255030314668 {}'), [
    [1_723_161_255, 30_314_667, '{"a":1}'],
    [1_723_161_255, 30_314_668, '{}'],
  ]);
  assert.equal(framesOf(framer, 'wss://a.b <-> 1.5\n1618677817.5: {"a":1}\n'), [[1_618_677_817, 500_000_000, '{"a":1}']]);
  assert.equal(framesOf(framer, '1618677817.5: {"b":1}'), [[1_618_677_817, 500_000_000, '{"b":1}']]);
});

test('an error names the line, blank ones before it counted', () => {
  assert.throws(() => framesOf(new RawFramer(), '\n\nhello\n'), /^x:3: expected "seconds: payload"/);
  assert.throws(() => framesOf(new RawFramer(), '\n\n1723161255030314667 {}\nhello'), /^x:4: expected a 19-digit receive time/);
});

test.run();
