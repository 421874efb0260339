import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT, TickpathError } from '../../../src/core/errors.ts';
import { DateLineFramer } from '../../../src/feed/transport/date-line-framer.ts';
import { FRAMER_MORE } from '../../../src/feed/transport/framer.ts';

function framesOf(text: string): [seconds: number, nanos: number, frame: string][] {
  const framer = new DateLineFramer();
  const block = new TextEncoder().encode(text);
  const frames: [number, number, string][] = [];
  framer.begin('x.in');
  for (let from = 0; from < block.length; ) {
    let next = framer.next(block, from, block.length);
    if (next === FRAMER_MORE) next = framer.last(block, from, block.length);
    if (framer.start < framer.end) frames.push([framer.seconds, framer.nanos, text.slice(framer.start, framer.end)]);
    from = next;
  }
  return frames;
}

test('a line is a time to the millisecond and a frame; blank lines and a missing last line feed do not matter', () => {
  assert.equal(framesOf('2016-03-12 00:08:37,352 {"a": 1}\r\n\n1970-01-01 00:00:00,007 {}'), [
    [1_457_741_317, 352_000_000, '{"a": 1}'],
    [0, 7_000_000, '{}'],
  ]);
});

test('a line of another form is a data error that names file and line', () => {
  const lines = [
    'hello',
    '2016-03-12T00:08:37,352 {}',
    '2016-03-12 00:08:37.352 {}',
    '2016-13-12 00:08:37,352 {}',
    '2016-03-12 00:08:37,352 []',
    '2016-03-12 00:08:37,352{}',
  ];
  for (const line of lines) {
    try {
      framesOf(`\n${line}\n`);
      assert.unreachable(line);
    } catch (error) {
      assert.instance(error, TickpathError, line);
      assert.match((error as TickpathError).message, /^x\.in:2: expected a receive time/);
      assert.is((error as TickpathError).exitCode, EXIT.DATA);
    }
  }
});

test.run();
