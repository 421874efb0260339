import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Instrument, instrumentFromText } from '../../../../src/core/instrument.ts';
import { parseDecimalText } from '../../../../src/core/price.ts';
import { Prng } from '../../../../src/core/prng.ts';
import { SIDE } from '../../../../src/core/records/market.ts';
import { L2Book } from '../../../../src/feed/book/l2-book.hot.ts';
import { writeDecimal } from '../../../../src/feed/checksum/digits.hot.ts';
import { GridTable } from '../../../../src/feed/l2/grid.hot.ts';
import { OkxChecksum } from '../../../../src/feed/venue/okx/checksum.hot.ts';
import { naiveChecksum } from '../../../reference/naive-checksums.ts';
import type { TextLevel } from '../../../support/okx-frames.ts';

function checksumOf(instrument: Instrument, bids: readonly TextLevel[], asks: readonly TextLevel[]): [text: string, crc: number] {
  const checksum = new OkxChecksum(new GridTable([instrument]));
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
  return [new TextDecoder().decode(checksum.text.subarray(0, length)), checksum.of(0, book)];
}
const grid = (tickSize: string, lotSize: string): Instrument => instrumentFromText(0, { symbol: 'X', tickSize, lotSize });

test('the two published vectors: as many levels on both sides, and more asks than bids', () => {
  const futures = grid('0.1', '1');
  const asks: TextLevel[] = [
    ['3366.8', '9'],
    ['3368', '8'],
  ];
  assert.equal(
    checksumOf(
      futures,
      [
        ['3366.1', '7'],
        ['3366', '6'],
      ],
      asks,
    ),
    ['3366.1:7:3366.8:9:3366:6:3368:8', -1881014294],
  );
  assert.equal(checksumOf(futures, [['3366.1', '7']], [...asks, ['3372', '8']]), ['3366.1:7:3366.8:9:3368:8:3372:8', 831078360]);
});

test('the text has no trailing zeros, whatever the decimals of the grid', () => {
  const levels: [TextLevel[], TextLevel[]] = [[['30210.4', '0.00000088']], [['30220', '20.1']]];
  const text = '30210.4:0.00000088:30220:20.1';
  assert.equal(checksumOf(grid('0.1', '0.00000001'), ...levels), [text, naiveChecksum(text) | 0]);
  assert.equal(checksumOf(grid('0.100', '0.0000000001'), ...levels), [text, naiveChecksum(text) | 0]);
});

test('twenty-five levels a side count, an empty book is an empty text', () => {
  const side = (start: number, step: number): TextLevel[] => [...Array(30).keys()].map((i) => [`${start + step * i}`, `${i + 1}`]);
  const [bids, asks] = [side(1000, -1), side(1001, 1)];
  const text = bids
    .slice(0, 25)
    .map(([price, qty], i) => `${price}:${qty}:${asks[i]!.join(':')}`)
    .join(':');
  assert.equal(checksumOf(grid('1', '1'), bids, asks), [text, naiveChecksum(text) | 0]);
  assert.equal(checksumOf(grid('1', '1'), [], []), ['', 0]);
});

test('decimals of every size are written as short as they can be', () => {
  const out = new Uint8Array(60);
  const prng = new Prng(9);
  for (let i = 0; i < 20_000; i++) {
    const decimals = prng.nextInt(16);
    const units = 1 + Math.floor(prng.nextFloat() * 10 ** prng.nextInt(15)) * 10 ** prng.nextInt(2);
    const digits = `${units}`.padStart(decimals + 1, '0');
    const point = digits.length - decimals;
    const expected = decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
    const end = writeDecimal(Float64Array.of(units), 0, decimals, out, 5);
    assert.is(new TextDecoder().decode(out.subarray(5, end)), expected);
  }
});

test.run();
