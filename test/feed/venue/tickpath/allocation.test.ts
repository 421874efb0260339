import { encode } from '@msgpack/msgpack';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createTickpathFeed } from '../../../../src/feed/venue/tickpath/feed.ts';
import { assertAllocatesNothing } from '../../../support/feed-allocation.ts';
import { FEED_INSTRUMENTS } from '../../../support/feed-frames.ts';

const TIME_NS = 1_767_225_600_123_456_789n;
const pack = (message: readonly unknown[]): Uint8Array => encode(message, { useBigInt64: true });
const delta = (sequence: bigint, bids: readonly (number | bigint)[], asks: readonly (number | bigint)[]): Uint8Array =>
  pack([2, 'BTCUSDT', sequence, TIME_NS, bids, asks]);

/** Snapshots and the changes behind them can be repeated for ever: a snapshot begins the numbering anew. */
test('messages of every kind pass decoder, book and ring without allocating', async () => {
  const first = 2n ** 40n;
  const snapshot = pack([1, 'BTCUSDT', first, TIME_NS, [600_000, 5, 599_990, 70_000], [600_010, 2n ** 33n, 600_020, 9]]);
  const cycle = [
    snapshot,
    delta(first + 1n, [600_000, 6], []),
    delta(first + 2n, [599_980, 2n ** 40n], [600_020, 0]),
    pack([5, 'BTCUSDT', first + 2n, TIME_NS]),
    pack([3, 'BTCUSDT', first + 2n, TIME_NS, 2n ** 35n, 1, 600_000, 2n ** 33n]),
    delta(first + 3n, [], [600_020, 11, 600_030, 12]),
    pack([4, 'BTCUSDT', first + 3n, TIME_NS, 4, 3]),
  ];
  const opening = [snapshot, pack([1, 'ES-spread', 0, TIME_NS, [-5, 10], [-3, 10]])];
  const counters = await assertAllocatesNothing({
    createFeed: createTickpathFeed,
    instruments: FEED_INSTRUMENTS,
    opening,
    cycle,
    frames: 400_000,
  });
  assert.is(counters['book_gaps'], 0);
  assert.ok(counters['depth_applied']! > 400_000);
});

test.run();
