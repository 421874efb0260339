import type { TextLevel } from './binance-frames.ts';

/** What stands in a cycle's frames where an id is to be. */
export const CYCLE_ID = 1_000_000_000_000;

export interface CycleFrames {
  /** What a price of one decimal and a whole quantity lack of the venue's decimals. */
  readonly tails: readonly [price: string, qty: string];
  /** A depth message with CYCLE_ID for each of its ids. */
  readonly depth: (bids: readonly TextLevel[], asks: readonly TextLevel[]) => string;
  /** Other frames, sent between. */
  readonly others: (i: number) => readonly string[];
}

/** A cycle of frames that can be sent for ever: its ids are rewritten in place before each round. */
export class FrameCycle {
  readonly bytes: Uint8Array;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  private readonly idAt: number[] = [];
  private readonly idsEach: number;
  /** What the ids exceed CYCLE_ID by: an int32, so that the test itself allocates nothing. */
  private last = 0;

  constructor({ tails, depth, others }: CycleFrames) {
    let text = '';
    const prices = (i: number, base: number): TextLevel[] =>
      [...Array(6).keys()].map((k) => [`${base + k}.${i % 10}${tails[0]}`, `${((i * k) % 5) * 5}${tails[1]}`]);
    for (let i = 0; i < 16; i++) {
      for (const frame of [depth(prices(i, 58_000), prices(i, 59_000)), ...others(i)]) {
        this.starts.push(text.length);
        for (let at = frame.indexOf(`${CYCLE_ID}`); at >= 0; at = frame.indexOf(`${CYCLE_ID}`, at + 1)) this.idAt.push(text.length + at);
        text += frame;
        this.ends.push(text.length);
      }
    }
    this.idsEach = this.idAt.length / 16;
    this.bytes = new TextEncoder().encode(`${text}${' '.repeat(64)}`);
  }

  /** Numbers the depth messages of the next round: U, u and, where there is one, pu, in this order of the text. */
  renumber(): void {
    for (let i = 0; i < this.idAt.length; i += this.idsEach) {
      const previous = this.last++;
      this.write(this.idAt[i]!, this.last);
      this.write(this.idAt[i + 1]!, this.last);
      if (this.idsEach === 3) this.write(this.idAt[i + 2]!, previous);
    }
  }

  /** The last nine digits of CYCLE_ID + `above`. */
  private write(at: number, above: number): void {
    let rest = above;
    for (let digit = 12; digit >= 4; digit--) {
      this.bytes[at + digit] = 48 + (rest % 10);
      rest = (rest / 10) | 0;
    }
  }
}
