import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOK_REASON, BOOK_STATE } from '../../../../src/core/records/market.ts';
import { discoverHyperliquid } from '../../../../src/feed/venue/hyperliquid/discover.ts';
import { createHyperliquidFeed, HYPERLIQUID_AGE_MS } from '../../../../src/feed/venue/hyperliquid/feed.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FeedRig } from '../../../support/feed-rig.ts';
import { BTC_COIN, bboText, hyperTrade, hyperTradesText, l2BookText, SPOT_COIN } from '../../../support/hyperliquid-frames.ts';

const rigOf = (): FeedRig => new FeedRig({ instruments: [BTC_COIN, SPOT_COIN], createFeed: createHyperliquidFeed }).connect();
const book = (timeMs: number, bid = '100.0'): string => l2BookText(timeMs, [[bid, '2.5']], [['101.0', '1']]);
const live = (): FeedRig => {
  const rig = rigOf().send(book(1_000));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.take();
  return rig;
};

test('every message is the whole book', () => {
  const rig = live().send(l2BookText(1_500, [['99.0', '1']], []));
  assert.is(rig.take(), 'BOOK_CLEAR BOOK_END|');
  assert.equal([rig.replicas[0]!.bidTicks, rig.replicas[0]!.levels(1), rig.counter('snapshot_messages')], [990, 0, 2]);
  assert.is(rig.replicas[0]!.hash(), rig.feed.book(0).hash());
});

test('a book older than the last one is passed over, one of the same time taken', () => {
  const rig = live().send(book(999, '50.0'));
  assert.equal([rig.take(), rig.counter('depth_skipped'), rig.feed.book(0).bidTicks], ['', 1, 1_000]);
  rig.send(book(1_000, '100.5'));
  assert.is(rig.feed.book(0).bidTicks, 1_005);
});

test('a book that is crossed or cannot be read is lost until the next one', () => {
  const crossed = live().send(book(1_500, '101.0'));
  assert.is(crossed.take(), `LIVE>GAP/${BOOK_REASON.CROSSED}|`);
  const bad = live().send(book(1_500, '1.55'));
  assert.is(bad.take(), `LIVE>GAP/${BOOK_REASON.DECODE_ERROR}|`);
  bad.send(book(2_000));
  assert.is(bad.feed.state(0), BOOK_STATE.LIVE);
});

test('a book that is not renewed in time is stale', () => {
  const rig = live();
  rig.feed.checkAge(1e6 + HYPERLIQUID_AGE_MS * 1e6, HYPERLIQUID_AGE_MS * 1e6);
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
  rig.feed.checkAge(2e6 + HYPERLIQUID_AGE_MS * 1e6, HYPERLIQUID_AGE_MS * 1e6);
  rig.drain();
  assert.is(rig.take(), `LIVE>STALE/${BOOK_REASON.DATA_AGE}|`);
  rig.send(book(900));
  assert.is(rig.feed.state(0), BOOK_STATE.STALE);
  rig.send(book(9_000));
  assert.is(rig.feed.state(0), BOOK_STATE.LIVE);
});

test('trades are published, tickers are counted', () => {
  const rig = live().send(
    hyperTradesText(hyperTrade(1, '100.0', '1', 'A'), hyperTrade(2, '100.0', '1', 'B'), hyperTrade(3, '1.0', '1', 'B', 'ETH')),
  );
  assert.is(rig.take(), 'TRADE TRADE|');
  rig.send(bboText(1_000));
  assert.equal([rig.take(), rig.counter('ticker_messages'), rig.counter('unknown_symbol')], ['', 1, 1]);
});

test('the tick is as fine as the venue lets prices become', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickpath-hyperliquid-'));
  const file = join(folder, 'capture.txt');
  const frames = [
    l2BookText(1, [['98450', '2.54321']], []),
    l2BookText(1, [['0.067', '12']], [], 'PURR/USDC'),
    l2BookText(1, [['98450', '2']], [], 'XYZ'),
  ];
  writeFileSync(file, frames.map((frame, i) => `170000000000000000${i} ${frame}\n`).join(''));
  const { instruments } = await discoverHyperliquid([file]);
  rmSync(folder, { recursive: true });
  assert.equal(
    instruments.map((one) => [one.symbol, one.priceDecimals, one.tickUnits, one.qtyDecimals]),
    [
      ['BTC', 1, 1, 5],
      ['PURR/USDC', 7, 1, 0],
      ['XYZ', 3, 1, 0],
    ],
  );
});

test('200,000 frames through decode, book and ring leave nothing on the heap', async () => {
  const cycle = [0, 1, 2].flatMap((i) => [
    l2BookText(
      1_703_875_200_000,
      [
        [`98450.${i}`, '2.5'],
        ['98449.7', '1.80001'],
      ],
      [['98451.0', `${i + 1}`]],
    ),
    hyperTradesText(hyperTrade(877_707_108_085_800, '98450.1', '0.015', 'A'), hyperTrade(877_707_108_085_801, '98450.2', '0.02', 'B')),
    bboText(1_703_875_200_000),
  ]);
  const counters = await assertAllocatesNothing({
    createFeed: createHyperliquidFeed,
    instruments: [BTC_COIN],
    opening: [book(1_000)],
    cycle,
    frames: 200_000,
  });
  assert.ok(counters['snapshot_messages']! > 100_000);
});

test.run();
