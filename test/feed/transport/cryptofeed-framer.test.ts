import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { CryptofeedFramer } from '../../../src/feed/transport/cryptofeed-framer.ts';
import { FRAMER_MORE } from '../../../src/feed/transport/framer.ts';

/** Frames of a text with their times; empty ones left out. */
function framesOf(text: string): [seconds: number, nanos: number, frame: string][] {
  const framer = new CryptofeedFramer();
  const block = new TextEncoder().encode(text);
  const frames: [number, number, string][] = [];
  framer.begin('x.raw');
  for (let from = 0; from < block.length; ) {
    let next = framer.next(block, from, block.length);
    if (next === FRAMER_MORE) next = framer.last(block, from, block.length);
    if (framer.start < framer.end) frames.push([framer.seconds, framer.nanos, text.slice(framer.start, framer.end)]);
    from = next;
  }
  return frames;
}

test('received lines are frames; connections, sent lines and blank lines are not', () => {
  const text =
    'wss://a.b/c <-> 1618678132.368463\nwss://a.b/c <- 1618678132.83: {"event":"x"}\n\n1618678132.5: [1,{"a":"-> 2"}]\n7: {"b":1}';
  assert.equal(framesOf(text), [
    [1618678132, 500_000_000, '[1,{"a":"-> 2"}]'],
    [7, 0, '{"b":1}'],
  ]);
});

test('what the recorder says of its own configuration is passed over', () => {
  assert.equal(framesOf('configuration: {"ticker":["BTC-USD"]}\n1: {}\nconfiguration: {}'), [[1, 0, '{}']]);
});

test('the answer to a request is handed over with its URL', () => {
  const line = 'https://a.b/depth?symbol=X&limit=1 -> 1633998512.1234567: {"lastUpdateId":1}';
  assert.equal(framesOf(`${line}\n`), [[1633998512, 123_456_700, line]]);
});

test('a line of another form is a data error that names file and line', () => {
  for (const line of ['hello', '12', '12 {"a":1}', '12.5:{"a":1}', '12.5: ', 'wss://x 5']) {
    try {
      framesOf(`1: {}\n${line}\n`);
      assert.unreachable(line);
    } catch (error) {
      assert.instance(error, TickpathError, line);
      assert.match((error as TickpathError).message, /^x\.raw:2: expected "seconds: payload"/);
      assert.is((error as TickpathError).exitCode, EXIT.DATA);
    }
  }
});

test.run();
