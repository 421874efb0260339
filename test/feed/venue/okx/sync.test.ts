import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../../src/core/ports.ts';
import { BOOK_REASON, BOOK_STATE, SIDE } from '../../../../src/core/records/market.ts';
import { okxSnapshotFrame } from '../../../../src/feed/venue/okx/endpoints.ts';
import { createOkxFeed } from '../../../../src/feed/venue/okx/feed.ts';
import type { OkxBooks } from '../../../../src/feed/venue/okx/modes.ts';
import { naiveChecksum } from '../../../reference/naive-checksums.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig } from '../../../support/feed-rig.ts';
import {
  type BookText,
  BTC_USDT,
  bookText,
  restBody,
  restText,
  type TextLevel,
  tickerText,
  tradeText,
  UNI_SWAP,
  wholeText,
} from '../../../support/okx-frames.ts';

const bids: TextLevel[] = [
  ['100', '1'],
  ['99.9', '2'],
];
const asks: TextLevel[] = [
  ['100.1', '3'],
  ['100.2', '4'],
];
const SNAPSHOT = bookText('snapshot', { bids, asks, seqId: 10, prevSeqId: -1, checksum: 0 });
const update = (prevSeqId: number, seqId: number, book: BookText = {}): string =>
  bookText('update', { seqId, prevSeqId, checksum: 0, ...book });
const LIVE = `SYNCING/${BOOK_REASON.SNAPSHOT} BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;
const SYNCED = `BOOK_CLEAR BOOK_END SYNCING>LIVE/${BOOK_REASON.SYNCED}|`;
const rigOf = (books: OkxBooks = 'books', instruments = [BTC_USDT]): FeedRig => {
  const rig = new FeedRig({ instruments, createFeed: (options) => createOkxFeed({ ...options, books }) }).connect();
  rig.take();
  return rig;
};
const live = (): FeedRig => {
  const rig = rigOf().send(SNAPSHOT);
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>${LIVE}`);
  return rig;
};

test('the legal example: snapshot, change, keep-alive, numbers that begin anew, change', () => {
  const rig = live();
  rig.send(update(10, 15, { bids: [['100', '2']] }));
  rig.send(update(15, 15));
  rig.send(update(15, 3, { asks: [['100.2', '0']] }));
  rig.send(update(3, 5, { bids: [['99.8', '7']] }));
  assert.equal([rig.take(), rig.feed.state(0), rig.counter('book_gaps')], ['BOOK_END| BOOK_END| BOOK_END| BOOK_END|', BOOK_STATE.LIVE, 0]);
  const book = rig.feed.book(0);
  assert.equal([book.levels(SIDE.BUY), book.levels(SIDE.SELL), book.bidLots], [3, 1, 200_000_000]);
  assert.is(rig.replicas[0]!.hash(), book.hash());
});

test('a link that is missing, a change that comes again and one out of order each take the book at once', () => {
  for (const [second, third] of [
    [update(15, 20), undefined],
    [update(10, 15), update(10, 15)],
    [update(10, 15), update(4, 10)],
  ] as const) {
    const rig = live().send(second);
    if (third !== undefined) {
      rig.take();
      rig.send(third);
    }
    assert.equal([rig.take(), rig.requests], [`LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`, [0]]);
    rig.send(update(20, 25));
    assert.equal([rig.take(), rig.counter('depth_before_snapshot')], ['', 2]);
    rig.send(SNAPSHOT);
    assert.is(rig.take(), `GAP>${LIVE}`);
  }
});

test('a checksum of 0 is neither right nor wrong, another must be right', () => {
  const text = '100:2:100.1:3:99.9:2:100.2:4';
  const right = naiveChecksum(text) | 0;
  const rig = live().send(update(10, 11, { bids: [['100', '2']], checksum: right }));
  assert.is(rig.take(), 'BOOK_END|');
  rig.send(update(11, 12, { checksum: right ^ 1 }));
  assert.equal([rig.take(), rig.requests], [`LIVE>STALE/${BOOK_REASON.CHECKSUM}|`, [0]]);
  const bad = rigOf().send(bookText('snapshot', { bids, asks, seqId: 10, checksum: 5 }));
  assert.equal([bad.feed.state(0), bad.counter('snapshots_refused')], [BOOK_STATE.GAP, 1]);
});

test('recordings from before the numbers are held by checksums and times', () => {
  const crc = (text: string): number => naiveChecksum(text) | 0;
  const rig = rigOf().send(bookText('snapshot', { bids, asks, checksum: crc('100:1:100.1:3:99.9:2:100.2:4'), ts: '5' }));
  rig.take();
  const change = { bids: [['100', '2']] as const, checksum: crc('100:2:100.1:3:99.9:2:100.2:4') };
  rig.send(bookText('update', { ...change, ts: '6' })).send(bookText('update', { ...change, ts: '6' }));
  assert.is(rig.take(), 'BOOK_END| BOOK_END|');
  rig.send(bookText('update', { ...change, ts: '4' }));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  rig.send(bookText('snapshot', { bids, asks, seqId: 10, ts: '7' })).take();
  rig.send(bookText('update', { ...change, ts: '8' }));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
});

test('a keep-alive proves an aged book current', () => {
  const rig = live();
  rig.feed.checkAge(90_000_000_000, 2_000_000_000);
  rig.drain();
  rig.take();
  rig.send(update(10, 10));
  assert.is(rig.take(), `BOOK_CLEAR BOOK_END STALE>LIVE/${BOOK_REASON.SYNCED}|`);
});

test('by REST: changes are buffered, the snapshot of the stream is ignored, what the REST snapshot holds is dropped, the rest is linked', () => {
  const rig = rigOf('books-rest').send(SNAPSHOT);
  assert.equal([rig.take(), rig.counter('unknown_kind'), rig.requests], ['', 1, []]);
  rig
    .send(update(10, 15))
    .send(update(15, 20, { bids: [['100', '9']] }))
    .send(update(20, 22));
  assert.equal([rig.take(), rig.requests], ['', [0]]);
  rig.send(restText({ bids, asks, seqId: 17 }));
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>SYNCING/${BOOK_REASON.SNAPSHOT} ${SYNCED}`);
  const counted = ['depth_before_snapshot', 'first_event_covers', 'depth_applied', 'depth_buffered'].map((name) => rig.counter(name));
  assert.equal([...counted, rig.feed.book(0).bidLots], [1, 1, 2, 3, 900_000_000]);
  rig.send(update(22, 22)).send(update(22, 3)).send(update(3, 4));
  assert.is(rig.take(), 'BOOK_END| BOOK_END| BOOK_END|');
  rig.send(restText({ bids, asks, seqId: 4 }));
  assert.equal([rig.take(), rig.counter('snapshots_ignored')], ['', 1]);
});

test('by REST: a snapshot older than the first change is refused and asked for again', () => {
  const rig = rigOf('books-rest')
    .send(update(10, 15))
    .send(restText({ bids, asks, seqId: 9 }));
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>SYNCING/${BOOK_REASON.SNAPSHOT} SYNCING>GAP/${BOOK_REASON.SEQUENCE_GAP}|`);
  assert.equal([rig.counter('snapshots_refused'), rig.requests], [1, [0, 0]]);
  rig.send(restText({ bids, asks, seqId: 10 }));
  assert.is(rig.take(), `GAP>SYNCING/${BOOK_REASON.SNAPSHOT} ${SYNCED}`);
  assert.is(rig.counter('first_event_linked'), 1);
});

test('by REST: a snapshot that comes first waits for the change that joins it, which a keep-alive is too', () => {
  const rig = rigOf('books-rest').send(restText({ bids, asks, seqId: 10 }));
  assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>SYNCING/${BOOK_REASON.SNAPSHOT}|`);
  rig.send(update(5, 9));
  assert.is(rig.take(), '');
  rig.send(update(10, 10));
  assert.is(rig.take(), SYNCED);
});

const at = (ms: number): BookText => ({ ts: `${1_652_459_000_000 + ms}` });

test('by REST: numbers that begin anew while a snapshot is awaited leave nothing from before them to join', () => {
  const rig = rigOf('books-rest')
    .send(update(10, 15, at(1)))
    .send(update(15, 3, at(2)))
    .send(update(3, 5, at(3)));
  // From before: 12 would be covered by (10, 15), whose followers are gone.
  rig.send(restText({ bids, asks, seqId: 12, ...at(1) }));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused')], [BOOK_STATE.GAP, 1]);
  rig.send(restText({ bids, asks, seqId: 4, ...at(4) }));
  assert.equal([rig.feed.state(0), rig.counter('depth_applied')], [BOOK_STATE.LIVE, 1]);
});

test('by REST: a snapshot from before the numbers began anew is not joined to changes that happen to cover it', () => {
  const rig = rigOf('books-rest').send(restText({ bids, asks, seqId: 12, ...at(1) }));
  rig.send(update(15, 3, at(2))).take();
  assert.is(rig.feed.state(0), BOOK_STATE.GAP);
  rig.send(update(3, 5, at(3))).send(update(5, 13, at(4)));
  rig.send(restText({ bids, asks, seqId: 12, ...at(1) }));
  assert.equal([rig.feed.state(0), rig.counter('snapshots_refused')], [BOOK_STATE.GAP, 2]);
  rig.send(restText({ bids, asks, seqId: 13, ...at(5) })).send(update(13, 14, at(6)));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('by REST: an answer that is no book costs nothing, one as received joins', () => {
  const encode = (text: string): string => new TextDecoder().decode(okxSnapshotFrame('BTC-USDT', new TextEncoder().encode(text)));
  const rig = rigOf('books-rest').send(update(10, 15));
  rig.send(encode('<html>502 Bad Gateway</html>')).send(encode('{"code":"50011","msg":"Too many requests","data":[]}'));
  assert.equal([rig.take(), rig.feed.state(0), rig.counter('rejected_frames')], ['', BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT, 2]);
  rig.send(encode(restBody({ bids, asks, seqId: 12 })));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.send(encode('<html>'));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

for (const channel of ['books5', 'bbo-tbt'] as const) {
  test(`every message of ${channel} is a whole book: what was missed heals, what is older is skipped`, () => {
    const rig = rigOf(channel).send(wholeText(channel, { bids: [['100', '1']], asks: [['100.1', '3']], seqId: 5, ts: '1000' }));
    assert.is(rig.take(), `SUBSCRIBED_NO_SNAPSHOT>${LIVE}`);
    rig.send(wholeText(channel, { bids: [['100', '2']], asks: [], seqId: 2, ts: '1010' }));
    assert.is(rig.take(), 'BOOK_CLEAR BOOK_END|');
    assert.equal([rig.feed.book(0).bidLots, rig.feed.book(0).levels(SIDE.SELL)], [200_000_000, 0]);
    rig.send(wholeText(channel, { bids: [['99', '2']], asks: [], seqId: 1, ts: '1005' }));
    assert.equal([rig.take(), rig.counter('depth_skipped'), rig.feed.book(0).bidTicks], ['', 1, 1000]);
    rig.send(wholeText(channel, { bids: [['100', '2']], asks: [['100', '1']], ts: '1020' }));
    assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.CROSSED}|`);
    rig.send(wholeText(channel, { bids: [['100', '2']], asks: [['100.1', '1']], ts: '1030' }));
    assert.is(rig.take(), `GAP>${LIVE}`);
    assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
  });
}

test('books of two instruments are kept apart; a frame that cannot be read costs both', () => {
  const rig = rigOf('books', [BTC_USDT, UNI_SWAP]).send(SNAPSHOT);
  rig.send(bookText('snapshot', { bids: [['5.1', '10']], seqId: 7 }, 'UNI-USD-SWAP'));
  rig.send(update(11, 12));
  assert.equal([rig.feed.state(0), rig.feed.state(1)], [BOOK_STATE.GAP, BOOK_STATE.LIVE]);
  rig.send(SNAPSHOT).send(update(10, 12).slice(0, -1));
  assert.equal([rig.feed.state(0), rig.feed.state(1), rig.counter('rejected_frames')], [BOOK_STATE.GAP, BOOK_STATE.GAP, 1]);
});

test('a refused change costs its book, refused trades and tickers nothing', () => {
  const rig = live()
    .send(tradeText([['1', '1.55', '1', 'buy']]))
    .send(tickerText(['1.55', '1'], ['2', '1']));
  assert.equal([rig.take(), rig.counter('rejected_frames')], ['', 2]);
  rig.send(update(10, 11, { bids: [['1.55', '1']] }));
  assert.is(rig.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
});

test('after a disconnect the book is built anew', () => {
  const rig = live();
  rig.feed.onConnection(CONNECTION.DISCONNECTED, 5);
  rig.connect();
  rig.take();
  rig.send(update(10, 11)).send(SNAPSHOT).send(update(10, 11));
  assert.equal([rig.feed.state(0), rig.counter('depth_before_snapshot')], [BOOK_STATE.LIVE, 1]);
});

test('200,000 frames through decode, book, checksum and ring leave nothing on the heap', async () => {
  const crc = naiveChecksum('100:0.00000088:100.1:22000000.5:99.9:2:100.2:4') | 0;
  const change = (prevSeqId: number, seqId: number, qty: string, checksum: number): string =>
    update(prevSeqId, seqId, { bids: [['100', qty]], asks: [['100.1', '22000000.5']], checksum });
  const counters = await assertAllocatesNothing({
    createFeed: createOkxFeed,
    instruments: [BTC_USDT],
    opening: [SNAPSHOT],
    cycle: [
      change(10, 2_000_000_000_000, '0.00000088', crc),
      tradeText(Array(3).fill(['7', '1.5', '1', 'sell'])),
      tickerText(['30210.4', '4'], ['30220.1', '3']),
      change(2_000_000_000_000, 10, '20.11183989', 0),
    ],
    frames: 200_000,
  });
  assert.ok(counters['depth_applied']! > 150_000);
});

test.run();
