import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dumpBook } from '../../src/feed/book-dump.ts';
import { naiveDbn } from '../reference/naive-dbn.ts';
import { dataFile } from '../support/data.ts';

interface Expected {
  readonly lines: string[];
  readonly crossed: string[];
  readonly orders: number;
  readonly levels: [bids: number, asks: number];
}

/** The book of each F_LAST record by a map of orders, as `bid,size,ask,size`. */
function naiveBook(file: string): Expected {
  const bytes = gunzipSync(readFileSync(file));
  const orders = new Map<bigint, { side: string; price: bigint; size: number }>();
  const sums = { A: new Map<bigint, number>(), B: new Map<bigint, number>() };
  const lines: string[] = [];
  const crossed: string[] = [];
  const put = (side: string, price: bigint, size: number): void => {
    const map = sums[side as 'A' | 'B'];
    const left = (map.get(price) ?? 0) + size;
    assert.ok(left >= 0);
    if (left === 0) map.delete(price);
    else map.set(price, left);
  };
  const text = (price: bigint): string => `${price / 1_000_000_000n}.${`${price % 1_000_000_000n}`.padStart(9, '0').slice(0, 2)}`;
  let best: [bigint, bigint] = [0n, 0n];
  const started = { whole: false };
  for (let at = 8 + bytes.readUInt32LE(4); at < bytes.length; at += bytes[at]! * 4) {
    const { fields } = naiveDbn(bytes.subarray(at, at + bytes[at]! * 4))!;
    const id = fields['order_id'] as bigint;
    const [side, price, size] = [fields['side'] as string, fields['price'] as bigint, fields['size'] as number];
    const held = orders.get(id);
    if (fields['action'] === 'A') {
      assert.is(held, undefined);
      orders.set(id, { side, price, size });
      put(side, price, size);
    } else if (fields['action'] === 'C' || fields['action'] === 'M') {
      assert.ok(held !== undefined && held.side === side, 'no order is unknown');
      const cancel = fields['action'] === 'C';
      put(side, held.price, cancel ? -size : -held.size);
      if (!cancel) put(side, price, size);
      orders.set(id, { side, price: cancel ? held.price : price, size: cancel ? held.size - size : size });
      assert.ok(orders.get(id)!.size >= 0);
      if (orders.get(id)!.size === 0) orders.delete(id);
    }
    if (((fields['flags'] as number) & 0x80) === 0) continue;
    started.whole = true;
    best = [0n, 0n];
    for (const one of sums.B.keys()) if (one > best[0]) best[0] = one;
    for (const one of sums.A.keys()) if (best[1] === 0n || one < best[1]) best[1] = one;
    const line = `${text(best[0])},${sums.B.get(best[0])},${text(best[1])},${sums.A.get(best[1])}`;
    lines.push(line);
    if (best[0] >= best[1]) crossed.push(`${fields['ts_recv']}`);
  }
  return { lines, crossed, orders: orders.size, levels: [sums.B.size, sums.A.size] };
}

async function book(
  files: readonly string[],
  depth = 1,
  every: 'message' | 'event' = 'message',
): Promise<{ lines: string[]; counters: Readonly<Record<string, number>> }> {
  let out = '';
  const { counters } = await dumpBook({ files, format: 'dbn', depth, every, out: 'csv', write: (piece) => (out += piece) });
  return { lines: out.trimEnd().split('\n'), counters };
}

test('ES order by order: every event equals a map of orders, crossed only before the open', async () => {
  const file = dataFile('dbn/es/esh4-glbx-mdp3-20231225.mbo.dbn.gz');
  const packed = dataFile('dbn/es/esh4-glbx-mdp3-20231225.mbo.dbn.zst');
  if (file === undefined || packed === undefined) return;
  const expected = naiveBook(file);
  const found = await book([packed]);
  assert.equal(
    found.lines.map((line) => line.split(',').slice(3).join(',')),
    expected.lines,
  );
  assert.is(expected.crossed.length, 891);
  assert.equal([expected.crossed[0], expected.crossed.at(-1)], ['1703543995222483197', '1703545200000068972']);
  assert.is(found.counters['record_crossed'], 891);
  assert.is(found.lines.at(-1), '68792,1703548799446724905,1703548799446821072,4810.00,22,4810.25,28');
  assert.is(expected.orders, 11_217);
  for (const name of ['orders_unknown', 'orders_duplicate', 'orders_below_zero', 'orders_modified_new', 'without_book', 'lost'])
    assert.is(found.counters[`record_${name}`], 0, name);
  assert.equal([found.counters['rejected_frames'], found.counters['book_gaps']], [0, 0]);
  assert.equal((await book([file])).lines, found.lines);
  const events = await book([packed], 1, 'event');
  assert.is(events.counters['depth_applied'], 59_448);
  process.stdout.write(
    `${found.lines.length} events of 68,792 records, ${expected.crossed.length} crossed, ${expected.orders} orders at the end\n`,
  );
});

test('the start snapshot alone ends at 4799.00 x 16 / 4799.50 x 23 with 892 and 559 levels', async () => {
  const file = dataFile('dbn/es/esh4-glbx-mdp3-20231224.mbo.dbn.gz');
  if (file === undefined) return;
  const { lines } = await book([file], 1_000);
  assert.is(lines.length, 1);
  const columns = lines[0]!.split(',').slice(3);
  assert.equal(columns.slice(0, 4), ['4799.00', '16', '4799.50', '23']);
  const filled = (offset: number): number => columns.filter((text, i) => i % 4 === offset && text !== '').length;
  assert.equal([filled(0), filled(2)], [892, 559]);
  assert.equal(naiveBook(file).levels, [892, 559]);
});

test('two days in a row end as the second alone', async () => {
  const files = ['20231224', '20231225'].map((day) => dataFile(`dbn/es/esh4-glbx-mdp3-${day}.mbo.dbn.zst`));
  if (files.some((file) => file === undefined)) return;
  const { lines, counters } = await book(files as string[]);
  assert.is(lines.at(-1), '77517,1703548799446724905,1703548799446821072,4810.00,22,4810.25,28');
  assert.is(counters['record_orders_duplicate'], 0);
});

test('levels of the test files print as they stand', async () => {
  const file = dataFile('dbn/databento/test_data.mbp-10.v3.dbn.zst');
  const tops = dataFile('dbn/databento/test_data.mbp-1.v1.dbn.zst');
  if (file === undefined || tops === undefined) return;
  const { lines, counters } = await book([file], 10);
  assert.is(counters['depth_messages'], 2);
  assert.ok(lines.length >= 1 && lines.every((line) => line.split(',').length === 43 && !line.includes(',,')));
  assert.match((await book([tops])).lines[0]!, /^1,1609160400006001487,1609160400006136329,3720.25,24,3720.50,11$/);
});

test.run();
