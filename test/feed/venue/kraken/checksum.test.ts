import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Instrument, instrumentFromText } from '../../../../src/core/instrument.ts';
import { parseDecimalText } from '../../../../src/core/price.ts';
import { SIDE } from '../../../../src/core/records/market.ts';
import { L2Book } from '../../../../src/feed/book/l2-book.hot.ts';
import { crc32 } from '../../../../src/feed/checksum/crc32.hot.ts';
import { GridTable } from '../../../../src/feed/l2/grid.hot.ts';
import { KrakenBooks } from '../../../../src/feed/venue/kraken/books.hot.ts';
import { KrakenChecksum } from '../../../../src/feed/venue/kraken/checksum.hot.ts';
import type { TextLevel } from '../../../support/kraken-frames.ts';
import { MATIC } from '../../../support/kraken-vectors.ts';

const levelsOf = (text: string): TextLevel[] => text.split(' ').map((one) => one.split('/') as unknown as TextLevel);

/** String and checksum of a book of `levels`; `decimals`: what the venue states, when it differs from the instrument's. */
function checksumOf(
  instrument: Instrument,
  bids: readonly TextLevel[],
  asks: readonly TextLevel[],
  decimals?: readonly [price: number, qty: number],
): [text: string, crc: number] {
  const books = new KrakenBooks([instrument], 0);
  if (decimals !== undefined) {
    books.priceDecimals[0] = decimals[0];
    books.qtyDecimals[0] = decimals[1];
  }
  const checksum = new KrakenChecksum(new GridTable([instrument]), books);
  const book = new L2Book();
  for (const [side, levels] of [
    [SIDE.BUY, bids],
    [SIDE.SELL, asks],
  ] as const) {
    for (const [price, qty] of levels)
      book.apply(
        side,
        parseDecimalText(price, instrument.priceDecimals, 'price') / instrument.tickUnits,
        parseDecimalText(qty, instrument.qtyDecimals, 'qty') / instrument.lotUnits,
      );
  }
  const length = checksum.write(0, book);
  return [new TextDecoder().decode(checksum.text.subarray(0, length)), checksum.of(0, book) >>> 0];
}
const grid = (tickSize: string, lotSize: string): Instrument => instrumentFromText(0, { symbol: 'X', tickSize, lotSize });

const V1_ASKS = levelsOf(
  '45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660 45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827',
);
const V1_BIDS = levelsOf(
  '45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586 45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238',
);
const V1_TEXT =
  '45285210000045286415457195345286615457110945289615456091145290215890660452918154553491452947445474945296135380000452975994554245299518772827452835100000004528341545820154528211000000045281010000000452803154592586452790799000045277633101034527753000000045277315460273745276615445238';

test('V1, BTC/USD of the book page: string and checksum', () => {
  assert.equal(checksumOf(grid('0.1', '0.00000001'), V1_BIDS, V1_ASKS), [V1_TEXT, 3310070434]);
});

test('a configured grid of other decimals gives the same once the venue has said its own', () => {
  assert.equal(checksumOf(grid('0.10', '0.0000000001'), V1_BIDS, V1_ASKS, [1, 8]), [V1_TEXT, 3310070434]);
  const whole = [['45285', '1']] as const;
  assert.equal(checksumOf(grid('1', '1'), [], whole, [1, 8])[0], '452850100000000');
});

test('V2, the example of the first API', () => {
  const ladder = (start: number): TextLevel[] =>
    [...Array(10).keys()].map((i) => [`0.0${String(start + 5 * i).padStart(4, '0')}`, '0.00000500']);
  const bids = [5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950].map((units): TextLevel => [`0.0${units}`, '0.00000500']);
  assert.is(checksumOf(grid('0.00001', '0.00000001'), bids, ladder(5005))[1], 974947235);
});

test('V3 and V4, MATIC/USD: numbers that lost their zeros get them back from the precision', () => {
  const matic = grid('0.0001', '0.00000001');
  assert.is(checksumOf(matic, MATIC.bids, MATIC.asks)[1], 2439117997);
  const changed = MATIC.bids.map(([price, qty]): TextLevel => [price, price === '0.5657' ? '1098.3947558' : qty]);
  assert.is(checksumOf(matic, changed, MATIC.asks)[1], 2114181697);
});

test('V5, the string of the order-by-order page', () => {
  const text =
    '44939545230839344939511126144939510000044939510000004495001033492644953064537449550250000449596356300004495963563000044960133807244960288967575449670314392283449785677896044979235630000449394889686994493944521000044939410000000449394142963234493942500000044939410292988449394338800004493941281408604493713346877449347356300004493022273429944930210000004493025550000449302700000004493021500000044928010524044919633870000449195761000044912035630000449097669000044901988982';
  assert.is(crc32(new TextEncoder().encode(text), 0, text.length) >>> 0, 1063832831);
});

test('levels below the tenth change nothing, and a thin book is summed over what there is', () => {
  const matic = grid('0.0001', '0.00000001');
  const bids: TextLevel[] = [...MATIC.bids, ['0.5000', '7']];
  assert.is(checksumOf(matic, bids, MATIC.asks)[1], 2439117997);
  assert.equal(checksumOf(matic, [['0.5', '1']], []), ['5000100000000', crc32(new TextEncoder().encode('5000100000000'), 0, 13) >>> 0]);
  assert.equal(checksumOf(matic, [], []), ['', 0]);
});

test.run();
