import { Prng } from '../../src/core/prng.ts';
import { itchMessage } from './itch-messages.ts';

const SYMBOLS = ['ABC', 'XYZ'] as const;
const SHARES = 100;

/** A made session of two stocks whose books never cross: start, directory, trading, then `count` messages of orders. */
export function itchSession(seed: number, count: number): Uint8Array[] {
  const prng = new Prng(seed);
  const messages = [itchMessage('S', { event: 'O', locate: 0 })];
  SYMBOLS.forEach((stock, i) => messages.push(itchMessage('R', { stock, locate: i + 1 })));
  SYMBOLS.forEach((stock, i) => messages.push(itchMessage('H', { stock, locate: i + 1, state: 'T' })));
  const open: { ref: number; locate: number; side: string; shares: number }[] = [];
  const priceOf = (side: string): number => (side === 'B' ? 10_000 - prng.nextInt(50) : 10_001 + prng.nextInt(50));
  let ref = 0;
  for (let i = 0; i < count; i++) {
    const timeNs = 34_200e9 + i * 1_000;
    const at = prng.nextInt(open.length + 1);
    const order = open[at];
    if (order === undefined || open.length < 40) {
      const locate = 1 + prng.nextInt(SYMBOLS.length);
      const side = prng.nextInt(2) === 0 ? 'B' : 'S';
      open.push({ ref: ++ref, locate, side, shares: SHARES });
      messages.push(itchMessage('A', { timeNs, locate, ref, side, shares: SHARES, stock: SYMBOLS[locate - 1]!, price: priceOf(side) }));
      continue;
    }
    const { locate } = order;
    const kind = prng.nextInt(4);
    if (kind === 0 || order.shares <= 10) {
      messages.push(itchMessage('D', { timeNs, locate, ref: order.ref }));
      open.splice(at, 1);
    } else if (kind === 1) {
      messages.push(itchMessage('U', { timeNs, locate, ref: order.ref, newRef: ++ref, shares: SHARES, price: priceOf(order.side) }));
      order.ref = ref;
      order.shares = SHARES;
    } else {
      messages.push(itchMessage(kind === 2 ? 'X' : 'E', { timeNs, locate, ref: order.ref, shares: 10, match: i }));
      order.shares -= 10;
    }
  }
  return messages;
}
