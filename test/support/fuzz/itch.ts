import type { Prng } from '../../../src/core/prng.ts';
import { MOLD_BAD, moldPacket } from '../../../src/feed/transport/mold.hot.ts';
import { ItchDecoder } from '../../../src/feed/venue/nasdaq-itch/decode.hot.ts';
import { ITCH } from '../../../src/feed/venue/nasdaq-itch/status.ts';
import { NAIVE_TYPES, naiveItch } from '../../reference/naive-itch.ts';
import { assertSameItch, itchMessage } from '../itch-messages.ts';
import { moldPacketOf } from '../packets.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const STATUS_NAMES = new Map<number, string>(Object.entries(ITCH).map(([name, status]) => [status, name]));
const MESSAGES = NAIVE_TYPES.flatMap((type) => [
  itchMessage(type, { side: 'B', printable: 'N' }),
  itchMessage(type, {
    locate: 524,
    timeNs: 34_200_000_000_000n,
    side: 'S',
    ref: 1_551_269n,
    shares: 300n,
    stock: 'AMZU',
    price: 242_700n,
    printable: 'Y',
    match: 77n,
  }),
]);

/** Every message is refused with the naive decoder's status or decoded alike. */
export function itchTarget(): FuzzTarget {
  const decoder = new ItchDecoder();
  return {
    sources: MESSAGES,
    mutate: mutateMessage,
    acceptedMin: 1 / 5,
    check: (bytes, size) => {
      const status = decoder.decode(bytes, 0, size);
      const naive = naiveItch(bytes.subarray(0, size));
      mustEqual(STATUS_NAMES.get(status), typeof naive === 'string' ? naive : 'OK');
      if (typeof naive === 'string') return false;
      assertSameItch(bytes, decoder.message, naive);
      return true;
    },
  };
}

/** Packets of MoldUDP64: number, count and messages as a DataView reads them. */
export function moldTarget(): FuzzTarget {
  const out = new Float64Array(1);
  return {
    sources: [0, 1, 2, 7].flatMap((count) => [
      moldPacketOf(1, MESSAGES.slice(3, 3 + count)),
      moldPacketOf(2n ** 40n + 5n, MESSAGES.slice(9, 9 + count)),
      moldPacketOf(2n ** 53n - 1n, MESSAGES.slice(20, 20 + count)),
      moldPacketOf(9, [], 'SESSION002', 0xffff),
    ]),
    mutate: mutatePacket,
    acceptedMin: 1 / 5,
    check: (bytes, size) => {
      const count = moldPacket(bytes, 0, size, out, 0);
      mustEqual(count === MOLD_BAD ? 'bad' : [count, out[0]], naiveMold(bytes, size));
      return count !== MOLD_BAD;
    },
  };
}

function naiveMold(bytes: Uint8Array, size: number): 'bad' | [count: number, sequence: number] {
  if (size < 20) return 'bad';
  const view = new DataView(bytes.buffer, 0, size);
  const sequence = view.getBigUint64(10);
  const count = view.getUint16(18);
  let left = size - 20;
  for (let i = 0; i < (count === 0xffff ? 0 : count); i++) {
    if (left < 2) return 'bad';
    left -= 2 + view.getUint16(size - left);
  }
  return left !== 0 || sequence > 2n ** 53n - 1n ? 'bad' : [count, Number(sequence)];
}

function mutateMessage(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  let size = source.length;
  for (let change = prng.nextInt(4); change > 0; change--) {
    const at = prng.nextInt(size);
    const how = prng.nextInt(20);
    if (how < 12) target[at] = prng.nextInt(256);
    else if (how < 16) target[at] = target[at]! ^ (1 << prng.nextInt(8));
    else if (how < 18) target[0] = NAIVE_TYPES[prng.nextInt(NAIVE_TYPES.length)]!.charCodeAt(0);
    else size = Math.max(1, size + prng.nextInt(5) - 2);
  }
  return size;
}

/** Mostly the header and the lengths of the blocks are hit: what stands in the blocks is another decoder's. */
function mutatePacket(prng: Prng, source: Uint8Array, target: Uint8Array): number {
  target.set(source);
  let size = source.length;
  for (let change = prng.nextInt(3); change > 0; change--) {
    const at = prng.nextInt(3) === 0 ? 10 + prng.nextInt(12) : prng.nextInt(size);
    if (prng.nextInt(8) === 0) size = Math.max(1, size + prng.nextInt(5) - 2);
    else target[Math.min(at, size - 1)] = prng.nextInt(2) === 0 ? prng.nextInt(4) : prng.nextInt(256);
  }
  return size;
}
