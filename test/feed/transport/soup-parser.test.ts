import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { SOUP, SOUP_PACKET_BYTES_MAX, SOUP_SERVER, SOUP_TYPE, SoupParser } from '../../../src/feed/transport/soup.hot.ts';
import { checkSoupLogin, soupAccepted, soupLogin, soupPacket } from '../../../src/feed/transport/soup-packets.ts';
import { naiveSoup } from '../../reference/naive-soup.ts';
import { measureAllocation } from '../../support/allocation.ts';
import { mutate } from '../../support/mutate.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

class Reader {
  readonly packets: string[] = [];
  readonly parser = new SoupParser(
    {
      onPacket: (type, bytes, start, end) => this.packets.push(String.fromCharCode(type) + hex(bytes.subarray(start, end))),
    },
    SOUP_SERVER,
  );

  /** Name of the error, undefined when there is none. */
  get error(): string | undefined {
    return Object.entries(SOUP).find(([, status]) => status === this.parser.status && status < 0)?.[0];
  }

  /** All of `bytes`, in pieces of the sizes that `pieceBytes` gives. */
  read(bytes: Uint8Array, pieceBytes: () => number): this {
    for (let at = 0; at < bytes.length; ) {
      const size = Math.min(bytes.length - at, pieceBytes());
      this.parser.push(bytes, at, at + size);
      at += size;
    }
    return this;
  }
}

test('a login packet of 0x002F bytes has its fields where the specification says', () => {
  const packet = soupLogin({ username: 'user', password: 'secret' }, 'SESSION', 12_345);
  assert.equal([packet.length, packet[0], packet[1]], [49, 0, 0x2f]);
  assert.is(String.fromCharCode(...packet.subarray(2)), 'Luser  secret    SESSION                  12345');
  assert.is(
    String.fromCharCode(...soupLogin({ username: 'u', password: '' }, '', 1).subarray(2)),
    `Lu${' '.repeat(5 + 10 + 10 + 19)}1`,
    'a blank session is the current one',
  );
});

test('heartbeats are those of real connections', () => {
  assert.equal([hex(soupPacket(SOUP_TYPE.CLIENT_HEARTBEAT)), hex(soupPacket(SOUP_TYPE.SERVER_HEARTBEAT))], ['000152', '000148']);
});

test('a login that does not fit its fields is refused without being repeated', () => {
  const login = { username: 'user', password: 'secret' };
  assert.not.throws(() => checkSoupLogin({ username: 'sixsix', password: 'ten4567890' }, 'ten4567890', 0));
  for (const [change, what] of [
    [{ username: 'seven77' }, /user name: expected 1 to 6/],
    [{ username: '' }, /user name/],
    [{ password: 'eleven67890' }, /password: expected at most 10/],
    [{ password: 'p\u00e4ss' }, /password/],
  ] as const)
    try {
      checkSoupLogin({ ...login, ...change }, '', 1);
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, what);
      assert.not.match((error as Error).message, /seven77|eleven67890|p\u00e4ss/);
    }
  assert.throws(() => checkSoupLogin(login, 'eleven67890', 1), /session: expected at most 10/);
  assert.throws(() => checkSoupLogin(login, '', 1.5), /sequence 1.5/);
});

test('the number of a login accepted is read exactly, or is none', () => {
  const read = (text: string): ReturnType<typeof soupAccepted> => soupAccepted(new TextEncoder().encode(text), 0);
  assert.equal(read(`SESSION   ${'7'.padStart(20)}`), { session: 'SESSION   ', sequence: 7 });
  assert.is(read(`SESSION   ${'9007199254740991'.padStart(20)}`)!.sequence, 2 ** 53 - 1);
  for (const bad of ['9007199254740992', '', '1 2', '-1', '1e3', '00000000000000000001'])
    assert.is(read(`SESSION   ${bad.padStart(20)}`), undefined, bad);
});

test('packets are found wherever the stream is cut', () => {
  const kind = fc.constantFrom('+', 'A', 'J', 'S', 'H', 'Z', 'S', 'S');
  const one = fc.tuple(kind, fc.integer({ min: 0, max: 90 })).map(([type, length]) => {
    const fixed: Readonly<Record<string, number>> = { A: 30, J: 1, H: 0, Z: 0 };
    const size = fixed[type] ?? length;
    return soupPacket(type.charCodeAt(0), 'x'.repeat(size));
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), fc.integer(), (packets, largest, seed) => {
      const prng = new Prng(seed);
      const bytes = Buffer.concat(packets);
      const reader = new Reader().read(bytes, () => 1 + prng.nextInt(largest));
      const naive = naiveSoup(bytes);
      assert.equal([reader.packets, reader.error], [naive.packets, undefined]);
      assert.is(reader.packets.length, packets.length);
    }),
  );
});

test('the largest packet there can be is one', () => {
  const reader = new Reader().read(soupPacket(SOUP_TYPE.SEQUENCED, 'x'.repeat(SOUP_PACKET_BYTES_MAX - 3)), () => 999);
  assert.equal([reader.packets.length, reader.packets[0]!.length, reader.error], [1, 1 + 2 * 65_534, undefined]);
});

test('a length of 0, an unknown type and a wrong length are errors at once, and nothing follows them', () => {
  const good = soupPacket(SOUP_TYPE.SEQUENCED, 'abc');
  for (const [bytes, error] of [
    [[0, 0], 'ZERO_LENGTH'],
    [[0xff, 0xff, 0x58], 'UNKNOWN_TYPE'],
    [[0, 1, 0x4c], 'UNKNOWN_TYPE'],
    [[0, 2, 0x48], 'BAD_LENGTH'],
    [[0xff, 0xff, 0x41], 'BAD_LENGTH'],
    [[0, 1, 0x4a], 'BAD_LENGTH'],
  ] as const) {
    const reader = new Reader().read(Buffer.concat([good, Uint8Array.from(bytes), good]), () => 1);
    assert.equal([reader.packets, reader.error], [['S616263'], error]);
    reader.parser.reset();
    assert.equal([reader.read(good, () => 2).packets.length, reader.error], [2, undefined]);
  }
});

test('a million mutated packets: the parser agrees with the naive one on each', () => {
  const prng = new Prng(31_415);
  const texts = ['', 'a', 'some message of a feed'];
  const sources = [
    soupPacket(SOUP_TYPE.ACCEPTED, 'x'.repeat(30)),
    soupPacket(SOUP_TYPE.REJECTED, 'A'),
    soupPacket(SOUP_TYPE.SERVER_HEARTBEAT),
    soupPacket(SOUP_TYPE.END_OF_SESSION),
    ...texts.flatMap((text) => [soupPacket(SOUP_TYPE.SEQUENCED, text), soupPacket(SOUP_TYPE.DEBUG, text)]),
  ];
  const target = new Uint8Array(64);
  const stream = new Uint8Array(512);
  const errors: Record<string, number> = {};
  const reader = new Reader();
  for (let done = 0; done < 1_000_000; ) {
    let size = 0;
    for (let i = 0; i < 8; i++, done++) {
      const source = sources[prng.nextInt(sources.length)]!;
      target.set(source);
      const length = prng.nextInt(4) === 0 ? mutate(prng, source, target) : source.length;
      for (let at = 0; at < length; at++) stream[size++] = target[at]!;
    }
    reader.parser.reset();
    reader.packets.length = 0;
    const cut = prng.nextInt(size);
    reader.parser.push(stream, 0, cut);
    reader.parser.push(stream, cut, size);
    const naive = naiveSoup(stream.subarray(0, size));
    if (reader.error !== naive.error || reader.packets.join() !== naive.packets.join())
      assert.equal([reader.error, reader.packets], [naive.error, naive.packets], hex(stream.subarray(0, size)));
    errors[naive.error ?? 'none'] = (errors[naive.error ?? 'none'] ?? 0) + 1;
  }
  assert.ok(
    ['none', 'ZERO_LENGTH', 'UNKNOWN_TYPE', 'BAD_LENGTH'].every((error) => errors[error]! > 100),
    JSON.stringify(errors),
  );
});

test('a million packets in pieces leave nothing on the heap', async () => {
  let seen = 0;
  const parser = new SoupParser(
    {
      onPacket: () => {
        seen++;
      },
    },
    SOUP_SERVER,
  );
  const bytes = Buffer.concat(Array.from({ length: 100 }, () => soupPacket(SOUP_TYPE.SEQUENCED, 'x'.repeat(36))));
  const drive = (packets: number): void => {
    for (let sent = 0; sent < packets; sent += 100)
      for (let at = 0; at < bytes.length; at += 1_000) parser.push(bytes, at, Math.min(bytes.length, at + 1_000));
  };
  for (let part = 0; part < 10; part++) drive(20_000);
  seen = 0;
  const { collections, heapBytes } = await measureAllocation(
    () => drive(20_000),
    () => {
      for (let part = 0; part < 50; part++) drive(20_000);
    },
  );
  assert.is(seen, 1_020_000);
  assert.is(collections, 0, `${collections} garbage collections`);
  assert.ok(heapBytes < 1_000_000, `${heapBytes} bytes of heap`);
});

test.run();
