/** What a channel's name says of its messages. */
export const CHANNEL = { OTHER: 0, BOOK: 1, TRADES: 2, TICKER: 3 } as const;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const BOOK = bytesOf('book.');
const TRADES = bytesOf('trades.');
const TICKER = bytesOf('ticker.');
const DOT = 46;

/**
 * Channel named in `bytes[start, end)`; CHANNEL. `book.<instrument>.<interval>` is a snapshot and its changes;
 * `book.<instrument>.<group>.<depth>.<interval>` is another book, grouped and cut off, and none of ours.
 */
export function channelOf(bytes: Uint8Array, start: number, end: number): number {
  if (begins(bytes, start, end, BOOK)) {
    let dots = 0;
    for (let p = start + BOOK.length; p < end; p++) if (bytes[p]! === DOT) dots++;
    return dots === 1 ? CHANNEL.BOOK : CHANNEL.OTHER;
  }
  if (begins(bytes, start, end, TRADES)) return CHANNEL.TRADES;
  return begins(bytes, start, end, TICKER) ? CHANNEL.TICKER : CHANNEL.OTHER;
}

function begins(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i]! !== text[i]!) return false;
  return true;
}
