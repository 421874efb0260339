import { Prng } from '../../src/core/prng.ts';
import { SIDE } from '../../src/core/records/market.ts';
import { ITCH_LENGTH } from '../../src/feed/venue/nasdaq-itch/layout.ts';
import { StreamStock } from './itch-stream-stock.ts';

/** Messages of ITCH 5.0 as a BinaryFILE holds them: two bytes of length, big-endian, before each. */
export interface ItchStream {
  readonly bytes: Uint8Array;
  /** Where the last message ends. */
  readonly end: number;
  readonly messages: number;
  /** Stock locates are 1 to this. */
  readonly locates: number;
  readonly shares: Readonly<Record<string, number>>;
  readonly liveOrders: number;
}

export const STREAM_STOCKS = 200;
/** Bytes that decoders may look at beyond the last message. */
const SLACK_BYTES = 64;
const FRAME_BYTES_MAX = 2 + 44;
/** Of 1,000 messages; what is left of them are deletions. */
const MIX = { A: 408, F: 45, U: 60, E: 35, C: 5, X: 15, P: 15 } as const;
const DAY_START_NS = 34_200e9;
const STEP_NS_MEAN = 4_000;
/** First order reference: the upper half is not zero, and the lower one becomes negative as an int32 within a few thousand orders. */
const REF_HIGH = 3;
const REF_LOW_FIRST = 0x7fff_f000;
const CODE = { A: 65, F: 70, D: 68, U: 85, E: 69, C: 67, X: 88, P: 80 } as const;
type Kind = keyof typeof CODE;

/**
 * A day of order messages of 200 stocks, made from a seed: messages a stock by Zipf's law, kinds in the shares that a Nasdaq
 * day has, most orders cancelled soon and near the best price, some at prices nobody will trade at, never a crossed book.
 */
export function itchStream(seed: number, messages: number): ItchStream {
  const writer = new StreamWriter(messages);
  const prng = new Prng(seed, 1);
  const stocks = Array.from({ length: STREAM_STOCKS }, (_, i) => new StreamStock(new Prng(seed, 100 + i), i));
  const pick = zipf(STREAM_STOCKS);
  for (let i = 0; i < messages; i++) {
    const locate = pick(prng.nextFloat());
    writer.write(locate + 1, stocks[locate]!, kindOf(prng.nextInt(1_000)), prng);
  }
  const liveOrders = stocks.reduce((sum, stock) => sum + stock.live, 0);
  return { bytes: writer.bytes, end: writer.at, messages, locates: STREAM_STOCKS, shares: writer.shares, liveOrders };
}

/** The stock for a uniform number: the k-th has a share of 1 / (k + 1). */
function zipf(stocks: number): (uniform: number) => number {
  const cumulative: number[] = [];
  let sum = 0;
  for (let k = 0; k < stocks; k++) {
    sum += 1 / (k + 1);
    cumulative.push(sum);
  }
  return (uniform) => {
    let low = 0;
    let high = stocks - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < uniform * sum) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function kindOf(draw: number): Kind {
  let rest = draw;
  for (const [kind, share] of Object.entries(MIX)) {
    if (rest < share) return kind as Kind;
    rest -= share;
  }
  return 'D';
}

class StreamWriter {
  readonly bytes: Uint8Array;
  readonly shares: Record<string, number> = {};
  at = 0;
  private readonly view: DataView;
  private ref = REF_LOW_FIRST;
  private timeNs = DAY_START_NS;
  private match = 1;

  constructor(messages: number) {
    this.bytes = new Uint8Array(messages * FRAME_BYTES_MAX + SLACK_BYTES);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Writes a message of this kind, or a new order where the stock has none to change. */
  write(locate: number, stock: StreamStock, wanted: Kind, prng: Prng): void {
    const kind = stock.live === 0 && wanted !== 'P' ? 'A' : wanted;
    this.shares[kind] = (this.shares[kind] ?? 0) + 1;
    this.timeNs += Math.floor(prng.nextExp() * STEP_NS_MEAN);
    const start = this.begin(kind, locate);
    const { view } = this;
    switch (kind) {
      case 'A':
      case 'F': {
        const order = stock.add(this.nextRef());
        this.putRef(start + 11, stock.refs[order]!);
        view.setUint8(start + 19, stock.sides[order] === SIDE.BUY ? 66 : 83);
        view.setUint32(start + 20, stock.shares[order]!);
        view.setUint32(start + 32, stock.priceUnits(stock.rungs[order]!));
        return;
      }
      case 'D': {
        const order = stock.any();
        this.putRef(start + 11, stock.refs[order]!);
        stock.remove(order);
        return;
      }
      case 'U': {
        const order = stock.any();
        this.putRef(start + 11, stock.refs[order]!);
        stock.move(order, this.nextRef());
        this.putRef(start + 19, stock.refs[order]!);
        view.setUint32(start + 27, stock.shares[order]!);
        view.setUint32(start + 31, stock.priceUnits(stock.rungs[order]!));
        return;
      }
      case 'E':
      case 'C':
      case 'X': {
        const order = kind === 'X' ? stock.any() : stock.nearBest();
        this.putRef(start + 11, stock.refs[order]!);
        if (kind !== 'X') this.putMatch(start + 23);
        if (kind === 'C') {
          view.setUint8(start + 31, 89);
          view.setUint32(start + 32, stock.priceUnits(stock.rungs[order]!));
        }
        view.setUint32(start + 19, stock.take(order));
        return;
      }
      default:
        view.setUint8(start + 19, 66);
        view.setUint32(start + 20, 100);
        view.setUint32(start + 32, stock.priceUnits(stock.bestBid));
        this.putMatch(start + 36);
    }
  }

  private begin(kind: Kind, locate: number): number {
    const { view, timeNs } = this;
    const type = CODE[kind];
    const bytes = ITCH_LENGTH[type]!;
    const start = this.at + 2;
    view.setUint16(this.at, bytes);
    view.setUint8(start, type);
    view.setUint16(start + 1, locate);
    view.setUint16(start + 5, Math.floor(timeNs / 4294967296));
    view.setUint32(start + 7, timeNs % 4294967296);
    const nameAt = kind === 'A' || kind === 'F' || kind === 'P' ? start + 24 : -1;
    if (nameAt > 0) for (let i = 0; i < 8; i++) view.setUint8(nameAt + i, i < 6 ? `STK${1_000 + locate}`.charCodeAt(i) : 32);
    this.at = start + bytes;
    return start;
  }

  /** References count up, as the venue's do. */
  private nextRef(): number {
    return this.ref++;
  }

  private putRef(at: number, ref: number): void {
    this.view.setUint32(at, REF_HIGH);
    this.view.setUint32(at + 4, ref);
  }

  private putMatch(at: number): void {
    this.view.setUint32(at + 4, this.match++);
  }
}
