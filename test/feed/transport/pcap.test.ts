import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Prng } from '../../../src/core/prng.ts';
import { FRAMER_MORE, type Framer } from '../../../src/feed/transport/framer.ts';
import { PcapFramer } from '../../../src/feed/transport/pcap.ts';
import { type CapturedPacket, concat, pcapFile, pcapngFile, udpFrame } from '../../support/packets.ts';

/** Time and payload of every frame; bytes become visible `step` at a time. */
function framesOf(framer: Framer, file: Uint8Array, step: number): [seconds: number, nanos: number, text: string][] {
  const found: [number, number, string][] = [];
  framer.begin('capture');
  let from = 0;
  for (let to = Math.min(step, file.length); ; to = Math.min(to + step, file.length)) {
    while (from < to) {
      const next = to === file.length ? framer.last(file, from, to) : framer.next(file, from, to);
      if (next === FRAMER_MORE) break;
      if (framer.end > framer.start)
        found.push([framer.seconds, framer.nanos, new TextDecoder().decode(file.subarray(framer.start, framer.end))]);
      from = next;
    }
    if (to === file.length) return found;
  }
}

const payload = (text: string): Uint8Array => new TextEncoder().encode(text);
const PACKETS: readonly CapturedPacket[] = [
  { seconds: 1_700_000_000, fraction: 999_999, bytes: udpFrame(payload('first')) },
  { seconds: 1_700_000_001, fraction: 0, bytes: udpFrame(payload('tagged'), { vlans: [0x88a8, 0x8100], padding: 9 }) },
  { seconds: 1_700_000_001, fraction: 1, bytes: udpFrame(payload('tcp'), { protocol: 6 }) },
  { seconds: 1_700_000_001, fraction: 2, bytes: udpFrame(payload('later fragment'), { fragment: 185 }) },
  { seconds: 4_294_967_295, fraction: 3, bytes: udpFrame(payload('sixth'), { ipv6: true, padding: 2 }) },
  { seconds: 5, fraction: 4, bytes: Uint8Array.of(1, 2, 3) },
  { seconds: 6, fraction: 5, bytes: udpFrame(payload('cut off here')).subarray(0, 45) },
];
const expected = (unitNs: number): [number, number, string][] => [
  [1_700_000_000, 999_999 * unitNs, 'first'],
  [1_700_000_001, 0, 'tagged'],
  [4_294_967_295, 3 * unitNs, 'sixth'],
  [6, 5 * unitNs, 'cut'],
];

test('classic captures of both byte orders and both units give payloads and times, however the bytes arrive', () => {
  for (const little of [false, true]) {
    for (const nanos of [false, true]) {
      const file = pcapFile(PACKETS, little, nanos);
      for (const step of [1, 7, 64, 10_000]) {
        const framer = new PcapFramer();
        assert.equal(framesOf(framer, file, step), expected(nanos ? 1 : 1_000));
        assert.is(framer.skipped, 3);
      }
    }
  }
});

test('pcapng of both byte orders, of decimal and binary units', () => {
  for (const little of [false, true]) {
    for (const step of [3, 10_000]) {
      assert.equal(framesOf(new PcapFramer(), pcapngFile(PACKETS, little, 1_000_000n), step), expected(1_000));
      assert.equal(framesOf(new PcapFramer(), pcapngFile(PACKETS, little, 1_000_000_000n, 9), step), expected(1));
    }
    const binary = [{ seconds: 1_700_000_000, fraction: 3, bytes: udpFrame(payload('x')) }];
    assert.equal(framesOf(new PcapFramer(), pcapngFile(binary, little, 4n, 0x82), 100), [[1_700_000_000, 750_000_000, 'x']]);
  }
});

test('Linux cooked and raw captures', () => {
  const ip = udpFrame(payload('x')).subarray(14);
  const cooked = concat(new Uint8Array(14), Uint8Array.of(8, 0), ip);
  for (const [linkType, bytes] of [
    [101, ip],
    [228, ip],
    [113, cooked],
    [0, concat(new Uint8Array(4), ip)],
    [276, concat(Uint8Array.of(8, 0), new Uint8Array(18), ip)],
  ] as const) {
    assert.equal(framesOf(new PcapFramer(), pcapFile([{ seconds: 1, fraction: 2, bytes }], true, true, linkType), 50), [[1, 2, 'x']]);
  }
});

test('what is no capture, or ends within a packet, is an error that names file and byte', () => {
  const file = pcapFile(PACKETS, true, true);
  const messageOf = (bytes: Uint8Array): string => {
    try {
      framesOf(new PcapFramer(), bytes, 10_000);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.match(
    messageOf(payload('not a capture at all')),
    /^capture: byte 0: expected a pcap or pcapng file, found the first bytes 6e6f7420/,
  );
  assert.match(messageOf(file.subarray(0, 60)), /^capture: byte 24: the file ends within a packet, 36 bytes after its beginning/);
  const next = pcapngFile(PACKETS, true, 1_000_000_000n, 9);
  assert.match(messageOf(pcapngFile([], true, 1n, 12)), /^capture: byte 28: expected time stamps of 1 ns or coarser/);
  const broken = Uint8Array.from(next);
  broken[28 + 4] = 13;
  assert.match(messageOf(broken), /^capture: byte 28: expected a pcapng block of 12 to 262144 bytes, found a length of 13/);
});

test('damaged captures end in an error of ours or in fewer frames', () => {
  const prng = new Prng(4);
  const files = [pcapFile(PACKETS, true, true), pcapngFile(PACKETS, false, 1_000_000n)];
  for (let i = 0; i < 20_000; i++) {
    const file = Uint8Array.from(files[i & 1]!);
    for (let change = 1 + prng.nextInt(4); change > 0; change--) file[prng.nextInt(file.length)] = prng.nextInt(256);
    try {
      assert.ok(framesOf(new PcapFramer(), file, 10_000).length <= PACKETS.length);
    } catch (error) {
      assert.match((error as { code: string }).code, /^ERR_PCAP$/);
    }
  }
});

test.run();
