import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isText, KeyTable, noteFrame, numberEnd, textEnd } from '../../../src/feed/json/object.hot.ts';
import { DECODE } from '../../../src/feed/l2/status.ts';

const keys = new KeyTable(['a', 'b', 'ab', 'ba', 'product_id', 'product_is']);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Text of each known value from where it begins, or the status. */
function note(text: string): (string | undefined)[] | number {
  const bytes = encode(text);
  const at = new Int32Array(keys.size).fill(9);
  const status = noteFrame(bytes, 0, bytes.length, keys, at);
  return status === DECODE.OK ? [...at].map((p) => (p === 0 ? undefined : text.slice(p, p + 1))) : status;
}

test('known keys are found in any order, unknown ones passed over', () => {
  assert.equal(note(' { "product_is":1, "x":{"a":[3]},"ba" :2,"":0} '), [undefined, undefined, undefined, '2', undefined, '1']);
  assert.equal(note('{}'), Array(6).fill(undefined));
});

test('what is no object, no JSON, or has a key twice or escaped is told apart', () => {
  assert.equal(
    ['[1]', '1', '', '{"a":1', '{"a":1}x', '{"a":1,"a":2}', '{"\\u0061":1}', `{"c":${'['.repeat(20)}${']'.repeat(20)}}`].map(note),
    [
      DECODE.UNKNOWN_KIND,
      DECODE.UNKNOWN_KIND,
      DECODE.BAD_JSON,
      DECODE.BAD_JSON,
      DECODE.BAD_JSON,
      DECODE.DUPLICATE_FIELD,
      DECODE.ESCAPED_TEXT,
      DECODE.TOO_DEEP,
    ],
  );
});

test('texts and numbers end where their JSON does', () => {
  const bytes = encode('"buy",1.5e-3,-2]"b\\u0075y"');
  assert.equal([isText(bytes, 0, bytes.length, encode('buy')), isText(bytes, 0, 4, encode('buy'))], [true, false]);
  assert.is(isText(bytes, 6, bytes.length, encode('.5e')), false);
  assert.equal([textEnd(bytes, 0, bytes.length), textEnd(bytes, 6, bytes.length)], [4, DECODE.BAD_FIELD]);
  assert.is(textEnd(bytes, 16, bytes.length), DECODE.ESCAPED_TEXT);
  assert.equal([numberEnd(bytes, 6, bytes.length), numberEnd(bytes, 13, bytes.length)], [12, 15]);
  assert.is(numberEnd(bytes, 0, bytes.length), DECODE.BAD_FIELD);
});

test.run();
