import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as layout from '../../src/core/records/layout.ts';
import * as market from '../../src/core/records/market.ts';
import * as order from '../../src/core/records/order.ts';
import * as ring from '../../src/core/ring/layout.ts';
import { packageRoot } from '../support/project.ts';

const PAYLOAD_BYTE = 32;

/** Byte offset and size of each payload field, by the naming rule of the constants: W int32, D float64, F32 four floats. */
function fieldsOf(module: Record<string, unknown>): { name: string; record: string; offset: number; bytes: number }[] {
  return Object.entries(module).flatMap(([name, value]) => {
    const match = /^([A-Z_]+?)_(W|D|F32)_[A-Z_]+$/.exec(name);
    if (match === null || typeof value !== 'number') return [];
    const kind = match[2]!;
    return [{ name, record: match[1]!, offset: value * (kind === 'D' ? 8 : 4), bytes: kind === 'D' ? 8 : kind === 'W' ? 4 : 16 }];
  });
}

test('a record is 64 bytes: 16 words or 8 doubles', () => {
  assert.is(layout.RECORD_BYTES, 64);
  assert.is(layout.RECORD_WORDS * 4, layout.RECORD_BYTES);
  assert.is(layout.RECORD_DOUBLES * 8, layout.RECORD_BYTES);
});

test('header fields fill the first 32 bytes without overlap', () => {
  assert.equal(
    [layout.W_KIND * 4, layout.W_INSTRUMENT * 4, layout.D_RECV_TIME_NS * 8, layout.D_EXCHANGE_TIME_NS * 8, layout.D_TICK * 8],
    [0, 4, 8, 16, 24],
  );
});

test('kinds are distinct bytes and flags lie above them', () => {
  const kinds = Object.values(layout.KIND);
  assert.is(new Set(kinds).size, kinds.length);
  assert.ok(kinds.every((kind) => kind > 0 && (kind & layout.KIND_MASK) === kind));
  assert.is((layout.FLAG_TICK_END | layout.FLAG_SNAPSHOT) & layout.KIND_MASK, 0);
});

for (const [file, module] of [
  ['market', market],
  ['order', order],
] as const) {
  test(`payload fields of ${file} records are aligned, lie behind the header and do not overlap`, () => {
    const fields = fieldsOf(module as unknown as Record<string, unknown>);
    assert.ok(fields.length > 10);
    const used = new Map<string, Set<number>>();
    for (const field of fields) {
      assert.ok(field.offset >= PAYLOAD_BYTE && field.offset + field.bytes <= layout.RECORD_BYTES, field.name);
      assert.is(field.offset % Math.min(field.bytes, 8), 0, field.name);
      const bytes = used.get(field.record) ?? new Set<number>();
      for (let byte = field.offset; byte < field.offset + field.bytes; byte++) {
        assert.not.ok(bytes.has(byte), `${field.name} overlaps at byte ${byte}`);
        bytes.add(byte);
      }
      used.set(field.record, bytes);
    }
  });
}

test('docs/records.md shows every field at its byte', () => {
  const page = readFileSync(join(packageRoot(), 'docs/records.md'), 'utf8');
  const fields = [...fieldsOf(market as unknown as Record<string, unknown>), ...fieldsOf(order as unknown as Record<string, unknown>)];
  for (const field of fields) assert.ok(page.includes(`| ${field.offset} | \`${field.name}\` |`), `${field.offset} ${field.name}`);
  for (const [name, value] of Object.entries(layout.KIND)) assert.ok(page.includes(`| ${value} | \`${name}\` |`), name);
});

test('docs/records.md shows every offset of a ring and every stamp', () => {
  const page = readFileSync(join(packageRoot(), 'docs/records.md'), 'utf8');
  const offsets = Object.entries(ring).filter(([name]) => name.endsWith('_OFFSET'));
  assert.is(offsets.length, 5);
  for (const [name, value] of offsets) assert.ok(page.includes(`| ${value} | \`${name}\` |`), name);
  for (const [name, double] of Object.entries(ring.STAMP)) assert.ok(page.includes(`| ${8 * double} | \`${name}\` |`), name);
  const perRecord = (ring.ringBytes(2048) - ring.RING_RECORDS_OFFSET) / 2048;
  assert.ok(page.includes(`it takes ${ring.RING_RECORDS_OFFSET} + ${perRecord} n bytes`));
  assert.ok(page.includes(`| n x ${perRecord - layout.RECORD_BYTES} bytes | producer | stamps`));
});

test('order attributes pack side, type, time in force and flags without collision', () => {
  const seen = new Set<number>();
  for (const side of [0, 1])
    for (const type of [0, 1])
      for (const tif of [0, 1, 2])
        for (const flags of [
          0,
          order.ATTRIBUTE_REDUCE_ONLY,
          order.ATTRIBUTE_POST_ONLY,
          order.ATTRIBUTE_REDUCE_ONLY | order.ATTRIBUTE_POST_ONLY,
        ]) {
          const packed = order.orderAttributes(side, type, tif, flags);
          seen.add(packed);
          assert.is(packed & order.ATTRIBUTE_SIDE_MASK, side);
          assert.is((packed >> order.ATTRIBUTE_TYPE_SHIFT) & 7, type);
          assert.is((packed >> order.ATTRIBUTE_TIF_SHIFT) & 7, tif);
        }
  assert.is(seen.size, 48);
});

test.run();
