import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ItchDecoder } from '../../../../src/feed/venue/nasdaq-itch/decode.hot.ts';
import { ITCH_LAYOUTS } from '../../../../src/feed/venue/nasdaq-itch/layout.ts';
import { ITCH } from '../../../../src/feed/venue/nasdaq-itch/status.ts';
import { NAIVE_TYPES, naiveFields, naiveItch, naiveLength } from '../../../reference/naive-itch.ts';
import { assertSameItch, itchMessage } from '../../../support/itch-messages.ts';

const NAMES = new Map<number, string>(Object.entries(ITCH).map(([name, status]) => [status, name]));

/** Messages of real packets and what they say. */
const VECTORS: readonly [hex: string, locate: number, fields: Readonly<Record<string, bigint | string>>][] = [
  [
    '41020c00001f1aced02127000000000017aba5420000012c414d5a55202020200003b40c',
    524,
    { ref: 1551269n, side: 'B', shares: 300n, stock: 'AMZU    ', price: 242700n },
  ],
  ['41159800001f1aced85306000000000166b53e420000064049564f4f20202020000d55ac', 5528, { side: 'B', shares: 1600n, stock: 'IVOO    ' }],
  [
    '46029e00001f1acf0bc028000000000017ae5d5300000064415247542020202000074f7c56495254',
    670,
    { ref: 1551965n, side: 'S', shares: 100n, stock: 'ARGT    ', price: 479100n, mpid: 'VIRT' },
  ],
  ['451e5500021f1aceeb863300000000002e0acb0000000a0000000000006bec', 7765, { ref: 3017419n, shares: 10n, match: 27628n }],
  [
    '431d8900021f1b1815a55a000000000030f543000000050000000000006d53590011f47c',
    7561,
    { ref: 3208515n, shares: 5n, match: 27987n, printable: 'Y', price: 1176700n },
  ],
  ['5804e300001f1acf4b215300000000001659e1000003e8', 1251, { ref: 1464801n, shares: 1000n }],
  ['44102700001f1aced2aed300000000002c493a', 4135, { ref: 2902330n }],
  [
    '55103200001f1acecf3da5000000000024db0600000000003608c600000064000db3d0',
    4146,
    { ref: 2415366n, newRef: 3541190n, shares: 100n, price: 898000n },
  ],
  [
    '50020b00021f1ad0f51e5b00000000000000004200000001414d5a4e2020202000149ee80000000000006bf8',
    523,
    { ref: 0n, side: 'B', shares: 1n, stock: 'AMZN    ', price: 1351400n, match: 27640n },
  ],
  [
    '5103d700011f1acee1500300000000000000004241432d5120202000000000000000000003e63e4f',
    983,
    { shares: 0n, stock: 'BAC-Q   ', price: 0n, match: 255550n, crossType: 'O' },
  ],
  ['482c3d00001f1e703b99e85a585a5a54202020482020202020', 11325, { stock: 'ZXZZT   ', state: 'H', reason: '    ' }],
  ['53000000001f1acedb3cea51', 0, { event: 'Q' }],
  [
    '4a2c3d00001f1e703b4f955a585a5a5420202000020918000223440001aa9000000000',
    11325,
    { stock: 'ZXZZT   ', reference: 133400n, upper: 140100n, lower: 109200n, extension: 0n },
  ],
  ['4c0e4000001f208142f8464d41584d46444c5320202020594e41', 3648, { mpid: 'MAXM', stock: 'FDLS    ', primary: 'Y', mode: 'N', state: 'A' }],
  [
    '491ead00001f1acedb43f1000000000000000000000000000000004f50465441572020200000000000000000000000004f20',
    7853,
    { paired: 0n, imbalance: 0n, direction: 'O', stock: 'PFTAW   ', farPrice: 0n, nearPrice: 0n, crossType: 'O', variation: ' ' },
  ],
  ['5924bd00001f1ad5cf5cd7534f50412020202031', 9405, { stock: 'SOPA    ', action: '1' }],
  ['4e04ea00001f1aceceff2f42495a44202020204e', 1258, { stock: 'BIZD    ', interest: 'N' }],
];

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

test('the table of layouts is the specification: 23 types, the same lengths and fields as the naive decoder', () => {
  assert.is(ITCH_LAYOUTS.length, 23);
  assert.equal(ITCH_LAYOUTS.map((one) => one.type).sort(), [...NAIVE_TYPES].sort());
  for (const { type, bytes, fields } of ITCH_LAYOUTS) {
    assert.is(bytes, naiveLength(type), type);
    assert.equal(
      fields.map((one) => ({ name: one.name, at: one.at, bytes: one.bytes, text: one.alpha })),
      naiveFields(type),
    );
  }
});

test('messages of real packets decode to what they say', () => {
  const decoder = new ItchDecoder();
  for (const [hex, locate, fields] of VECTORS) {
    const bytes = fromHex(hex);
    const naive = naiveItch(bytes);
    assert.type(naive, 'object');
    if (typeof naive === 'string') continue;
    assert.is(naive.locate, locate);
    for (const [name, value] of Object.entries(fields)) assert.is(naive.fields.get(name), value, `${naive.type} ${name}`);
    assert.is(decoder.decode(bytes, 0, bytes.length), ITCH.OK);
    assertSameItch(bytes, decoder.message, naive);
  }
  const [add, , , executed] = VECTORS.map(([hex]) => naiveItch(fromHex(hex)));
  assert.equal([(add as { timeNs: number }).timeNs, (executed as { timeNs: number }).timeNs], [34199999357223, 34200001152563]);
});

test('every type decodes alike by both decoders, wherever it stands in the block', () => {
  const decoder = new ItchDecoder();
  const block = new Uint8Array(200).fill(0x41);
  for (const type of NAIVE_TYPES) {
    const values: Record<string, bigint | string> = { stock: 'ABCDEFGH', side: 'S', printable: 'N', timeNs: 86_399_999_999_999n };
    for (const { name, bytes, text } of naiveFields(type))
      if (!text) values[name] = bytes === 4 ? (name === 'price' ? 2n ** 31n - 1n : 2n ** 32n - 1n) : 2n ** 53n - 1n;
    values['ref'] = 2n ** 64n - 1n;
    values['newRef'] = 2n ** 63n;
    const message = itchMessage(type, values);
    block.set(message, 77);
    assert.is(decoder.decode(block, 77, 77 + message.length), ITCH.OK, type);
    const naive = naiveItch(message);
    if (typeof naive === 'string') assert.unreachable(`${type}: ${naive}`);
    else assertSameItch(block, decoder.message, naive);
  }
});

test('each way a message can be wrong has its own status', () => {
  const decoder = new ItchDecoder();
  const refused = (type: string, values: Record<string, bigint | string>): string => {
    const bytes = itchMessage(type, { side: 'B', shares: 1n, price: 1n, printable: 'Y', ...values });
    const status = decoder.decode(bytes, 0, bytes.length);
    assert.is(NAMES.get(status), naiveItch(bytes));
    return NAMES.get(status)!;
  };
  assert.is(refused('A', { side: 'b' }), 'BAD_SIDE');
  assert.is(refused('F', { price: 0n }), 'PRICE_RANGE');
  assert.is(refused('U', { price: 2n ** 31n }), 'PRICE_RANGE');
  assert.is(refused('P', { shares: 0n }), 'QTY_ZERO');
  assert.is(refused('C', { printable: 'y' }), 'BAD_PRINTABLE');
  assert.is(refused('E', { match: 2n ** 53n }), 'NUMBER_RANGE');
  assert.is(refused('I', { imbalance: 2n ** 53n }), 'NUMBER_RANGE');
  assert.is(refused('Q', { shares: 2n ** 63n }), 'NUMBER_RANGE');
  assert.is(refused('D', { timeNs: 86_400_000_000_000n }), 'TIME_RANGE');
  const add = itchMessage('A', { side: 'B', shares: 1n, price: 1n });
  assert.is(decoder.decode(add, 0, 0), ITCH.BAD_LENGTH);
  assert.is(decoder.decode(add, 0, 35), ITCH.BAD_LENGTH);
  assert.is(decoder.message.locate, 1, 'the locate of a message of the wrong length says whose book is in doubt');
  assert.is(decoder.decode(Uint8Array.of(90, 0, 1), 0, 3), ITCH.UNKNOWN_TYPE);
});

test.run();
