import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BEST, DIFF, LEVEL_ENTRY, SNAPSHOT_ROOT, TRADE_ENTRY, TRADES } from '../../src/feed/venue/binance-spot-sbe/layout.ts';
import { bytesOf, SBE_TEMPLATES } from '../reference/sbe-schema.ts';
import { dataFile } from '../support/data.ts';

/** Types of `stream_1_0.xml` as the table names them. */
const TYPES: Readonly<Record<string, string>> = {
  utcTimestampUs: 'i64',
  updateId: 'i64',
  tradeId: 'i64',
  mantissa64: 'i64',
  exponent8: 'i8',
  boolEnum: 'u8',
};

/** Fields of one block in the order of the schema; constants take no bytes. */
function fieldsOf(xml: string): string[][] {
  return [...xml.matchAll(/<field ([^>]*)\/>/g)]
    .map(([, attributes]) => attributes!)
    .filter((attributes) => !attributes.includes('presence="constant"'))
    .map((attributes) => [/name="(\w+)"/.exec(attributes)![1]!, TYPES[/type="(\w+)"/.exec(attributes)![1]!]!]);
}

test('the table of templates is what the published schema says', () => {
  const file = dataFile('binance-sbe/stream_1_0.xml');
  if (file === undefined) return;
  const xml = readFileSync(file, 'utf8');
  const found = [...xml.matchAll(/<sbe:message name="(\w+)" id="(\d+)">([\s\S]*?)<\/sbe:message>/g)].map(([, name, id, body]) => ({
    id: Number(id),
    name,
    root: fieldsOf(body!.split('<group')[0]!),
    groups: [...body!.matchAll(/<group id="\d+" name="(\w+)"([^>]*)>([\s\S]*?)<\/group>/g)].map(([, group, attributes, fields]) => ({
      name: group,
      count: attributes!.includes('groupSize16Encoding') ? 'u16' : 'u32',
      fields: fieldsOf(fields!),
    })),
  }));
  assert.equal(found, SBE_TEMPLATES);
  assert.match(xml, /\bid="1"\s+version="0"/);
  assert.match(xml, /byteOrder="littleEndian"/);
});

test('the decoder takes every block to be as long as its fields', () => {
  const [trades, best, snapshot, diff] = SBE_TEMPLATES;
  assert.equal(
    [TRADES.BYTES, BEST.BYTES, SNAPSHOT_ROOT.BYTES, DIFF.BYTES],
    [trades, best, snapshot, diff].map((one) => bytesOf(one!.root)),
  );
  assert.equal([TRADE_ENTRY.BYTES, LEVEL_ENTRY.BYTES], [bytesOf(trades!.groups[0]!.fields), bytesOf(diff!.groups[0]!.fields)]);
});

test.run();
