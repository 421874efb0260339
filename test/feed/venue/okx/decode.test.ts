import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_LEVELS_MAX, FRAME_BYTES_MAX } from '../../../../src/core/limits.ts';
import { PRICE_NONE } from '../../../../src/core/price.ts';
import { N_CHECKSUM, N_PREVIOUS_ID } from '../../../../src/feed/l2/message.hot.ts';
import { DECODE, decodeStatusName, MESSAGE } from '../../../../src/feed/l2/status.ts';
import { OkxDecoder } from '../../../../src/feed/venue/okx/decode.hot.ts';
import { OKX_BOOKS, type OkxBooks } from '../../../../src/feed/venue/okx/modes.ts';
import { naiveOkx } from '../../../reference/naive-okx.ts';
import { decodeAll, resultsOf } from '../../../support/l2-decoding.ts';
import { BTC_USDT, bookText, restText, sampleFrames, tickerText, tradeText, UNI_SWAP, wholeText } from '../../../support/okx-frames.ts';

const instruments = [BTC_USDT, UNI_SWAP];
const REST_HEAD_BYTES = '{"arg":{"channel":"rest-books"'.length;

/** What the decoder says of a frame between bytes that would continue it. */
function decode(text: string, decoder = new OkxDecoder(instruments, 'books')): ReturnType<typeof decodeAll> {
  const bytes = new TextEncoder().encode(`9"}]${text}}]0"`);
  return decodeAll(decoder, bytes, 4, bytes.length - 4, true);
}
const statusOf = (text: string, books: OkxBooks = 'books'): string =>
  decode(text, new OkxDecoder(instruments, books))
    .map((one) => (typeof one === 'number' ? decodeStatusName(one) : one.kind))
    .join(' ');

for (const books of OKX_BOOKS) {
  test(`for a feed of ${books} every sample frame decodes as the naive decoder says`, () => {
    const decoder = new OkxDecoder(instruments, books);
    for (const text of sampleFrames()) assert.equal(resultsOf(decode(text, decoder)), naiveOkx(books)(text, instruments), text);
  });
}

test('a frame cut off anywhere is refused, and costs every book unless it answers a request', () => {
  const decoder = new OkxDecoder(instruments, 'books-rest');
  for (const text of sampleFrames()) {
    const whole = text.trim();
    for (let length = 0; length < whole.length; length++) {
      const bytes = new TextEncoder().encode(whole.slice(0, length));
      assert.ok(decoder.decode(bytes, 0, bytes.length) < 0, whole.slice(0, length));
      const answers = length >= REST_HEAD_BYTES && whole.includes('rest-books');
      assert.equal([decoder.message.kind, decoder.message.instrument], [answers ? MESSAGE.SNAPSHOT : MESSAGE.DEPTH, -1]);
    }
  }
});

const update = (element: string): string =>
  `{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[],"ts":"1",${element}}]}`;
const LINKS = '"seqId":2,"prevSeqId":1';
const cases: [what: string, text: string, status: string, books?: OkxBooks][] = [
  ['the answer to a ping', 'pong', 'unknown_kind'],
  ['another word', 'pongs', 'bad_json'],
  ['bytes after the object', `${bookText('update', { seqId: 2, prevSeqId: 1 })}x`, 'bad_json'],
  ['an event', '{"event":"error","code":"60012","msg":"Illegal request"}', 'unknown_kind'],
  ['another channel', '{"arg":{"channel":"candle1D","instId":"BTC-USDT"},"data":[["1"]]}', 'unknown_kind'],
  ['another instrument', bookText('update', { seqId: 2, prevSeqId: 1 }, 'ETH-USDT'), 'unknown_symbol'],
  ['a book of five levels beside the whole one', wholeText('books5', {}), 'unknown_kind'],
  ['changes where whole books are wanted', bookText('update', { seqId: 2, prevSeqId: 1 }), 'unknown_kind', 'bbo-tbt'],
  ['a snapshot in the stream where one comes by REST', bookText('snapshot', { seqId: 2 }), 'unknown_kind', 'books-rest'],
  ['an answer where snapshots come in the stream', restText({ seqId: 2 }), 'unknown_kind'],
  ['an answer without number', restText({}), 'missing_field', 'books-rest'],
  [
    'an answer that is an error',
    '{"arg":{"channel":"rest-books","instId":"BTC-USDT"},"data":{"code":"50011","data":[]}}',
    'bad_field',
    'books-rest',
  ],
  ['no action', update(`"bids":[],${LINKS}`).replace('"action":"update",', ''), 'missing_field'],
  ['an unknown action', update(`"bids":[],${LINKS}`).replace('update', 'partial'), 'bad_field'],
  ['two books in one message', update(`"bids":[],${LINKS}},{"bids":[],"asks":[],"ts":"1",${LINKS}`), 'bad_field'],
  ['neither number nor checksum', update('"bids":[]'), 'missing_field'],
  ['a checksum of 0 and no number', update('"bids":[],"checksum":0'), 'missing_field'],
  ['a number without the one before', update('"bids":[],"seqId":2'), 'missing_field'],
  ['a number below zero', update('"bids":[],"seqId":-2,"prevSeqId":-1'), 'bad_field'],
  ['a number that is a fraction', update('"bids":[],"seqId":2.5,"prevSeqId":1'), 'id_range'],
  ['no side', update(LINKS), 'missing_field'],
  ['a price that is a number', update(`"bids":[[1.5,"1"]],${LINKS}`), 'bad_field'],
  ['a price of zero', update(`"bids":[["0","1"]],${LINKS}`), 'price_range'],
  ['a price with too many decimals', update(`"bids":[["1.55","1"]],${LINKS}`), 'too_many_decimals'],
  ['a level of one element', update(`"bids":[["1.5"]],${LINKS}`), 'bad_field'],
  ['a bid beyond the grid', update(`"bids":[["999999999","1"]],${LINKS}`), 'price_range'],
  ['an ask beyond the grid in a best price', wholeText('bbo-tbt', { asks: [['999999999', '1']] }), 'price_range', 'bbo-tbt'],
  ['a time that is none', update(`"bids":[],${LINKS}`).replace('"ts":"1"', '"ts":"1x"'), 'bad_field'],
  ['a ticker without size', tickerText(['30210.4', ''], ['30220.1', '3']), 'bad_decimal'],
  [
    'a trade of neither side beside a good one',
    tradeText([
      ['1', '1.5', '1', 'none'],
      ['2', '1.5', '1', 'buy'],
    ]),
    'bad_field trade',
  ],
  ['a trade of nothing', tradeText([['1', '1.5', '0', 'buy']]), 'qty_range'],
];
for (const [what, text, status, books] of cases) test(`${what} gives ${status}`, () => assert.is(statusOf(text, books), status));

test('a checksum of 0 is none, another is signed', () => {
  const decoder = new OkxDecoder(instruments, 'books');
  decode(bookText('update', { checksum: 0, seqId: 2, prevSeqId: 1 }), decoder);
  assert.is(decoder.message.hasChecksum, 0);
  decode(bookText('update', { checksum: -914047754 }), decoder);
  assert.equal([decoder.message.hasChecksum, decoder.message.numbers[N_CHECKSUM]], [1, -914047754]);
});

test('numbers that begin anew are told by the one before', () => {
  const decoder = new OkxDecoder(instruments, 'books');
  for (const [seqId, prevSeqId, anew] of [
    [15, 10, 0],
    [15, 15, 0],
    [3, 15, 1],
    [10, -1, 0],
  ] as const) {
    decode(bookText('update', { seqId, prevSeqId }), decoder);
    assert.equal([decoder.message.beginsAnew, decoder.message.numbers[N_PREVIOUS_ID]], [anew, prevSeqId]);
  }
});

test('an empty side of a ticker, and of the best prices, is no price', () => {
  const decoder = new OkxDecoder(instruments, 'books');
  for (const text of [tickerText(['', ''], ['30220.1', '3']), wholeText('bbo-tbt', { asks: [['30220.1', '3']] })]) {
    assert.is(decode(text, decoder).length, 1);
    assert.equal([decoder.message.kind, decoder.message.bidTicks[0], decoder.message.bidLots[0]], [MESSAGE.TICKER, PRICE_NONE, 0]);
    assert.equal([decoder.message.askTicks[0], decoder.message.askLots[0]], [302201, 300_000_000]);
  }
});

test('frames and sides above the limits are refused', () => {
  assert.is(statusOf(bookText('update', {}).replace('}]}', `,"pad":"${'x'.repeat(FRAME_BYTES_MAX)}"}]}`)), 'frame_too_large');
  const many = (count: number): string =>
    bookText('update', { bids: Array<[string, string]>(count).fill(['1', '1']), seqId: 2, prevSeqId: 1 });
  assert.is(statusOf(many(BOOK_LEVELS_MAX + 1)), 'too_many_levels');
  assert.is(statusOf(many(BOOK_LEVELS_MAX)), 'depth');
});

test('trades of one message come one by one', () => {
  const decoder = new OkxDecoder(instruments, 'books');
  const bytes = new TextEncoder().encode(tradeText(Array(3).fill(['7', '1.5', '1', 'sell'])));
  const seen = [decoder.decode(bytes, 0, bytes.length)];
  while (decoder.more === 1) seen.push(decoder.next());
  assert.equal(seen, [DECODE.OK, DECODE.OK, DECODE.OK]);
  assert.ok(decoder.next() < 0);
});

test.run();
