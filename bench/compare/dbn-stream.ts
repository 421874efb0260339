import { Prng } from '../../src/core/prng.ts';
import { SIDE } from '../../src/core/records/market.ts';
import { DBN_FLAG, MBO_AT, RTYPE } from '../../src/feed/dbn/layout.ts';
import { StreamStock } from './itch-stream-stock.ts';

/** Order records of DBN (mbo), one after the other. */
export interface DbnStream {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly records: number;
}

export const MBO_BYTES = 56;
export const PUBLISHER = 1;
export const NUMBER = 17_077;
/** Ticks of 0.25. */
export const TICK_NANOS = 250_000_000;
/** Bytes that decoders may look at beyond the last record. */
const SLACK_BYTES = 64;
const TWO_32 = 4294967296;
/** 2023-11-14T22:13:20Z, s. */
const START_S = 1_700_000_000;
const STEP_NS_MEAN = 20_000;
const REF_HIGH = 1_587;
/** Of 1,000 records; what is left of them are cancels of whole orders. */
const ADDS = 440;
const MODIFIES = 90;
const PARTS = 30;
const UNITS_PER_TICK = 100;

/** A session of one instrument's orders, made from a seed: a clear, then adds, modifies and cancels that never cross the book. */
export function dbnStream(seed: number, records: number): DbnStream {
  const writer = new RecordWriter(records);
  const prng = new Prng(seed, 2);
  const book = new StreamStock(new Prng(seed, 3), 40);
  writer.write('R', 'N', 0, 0, 0, 0);
  let ref = 1;
  for (let i = 1; i < records; i++) {
    const draw = prng.nextInt(1_000);
    writer.wait(prng.nextExp());
    if (book.live === 0 || draw < ADDS) {
      const order = book.add(ref++);
      writer.order('A', book, order, book.shares[order]!);
    } else if (draw < ADDS + MODIFIES) {
      const order = book.any();
      book.move(order, book.refs[order]!);
      writer.order('M', book, order, book.shares[order]!);
    } else if (draw < ADDS + MODIFIES + PARTS) {
      const order = book.nearBest();
      writer.order('C', book, order, 0);
      writer.resize(book.take(order));
    } else {
      const order = book.any();
      writer.order('C', book, order, book.shares[order]!);
      book.remove(order);
    }
  }
  return { bytes: writer.bytes, end: records * MBO_BYTES, records };
}

class RecordWriter {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;
  private sequence = 0;
  private seconds = START_S;
  private nanos = 0;

  constructor(records: number) {
    this.bytes = new Uint8Array(records * MBO_BYTES + SLACK_BYTES);
    this.view = new DataView(this.bytes.buffer);
  }

  wait(times: number): void {
    this.nanos += Math.floor(times * STEP_NS_MEAN);
    this.seconds += Math.floor(this.nanos / 1e9);
    this.nanos %= 1e9;
  }

  order(action: string, book: StreamStock, order: number, size: number): void {
    const ticks = book.priceUnits(book.rungs[order]!) / UNITS_PER_TICK;
    this.write(action, book.sides[order] === SIDE.BUY ? 'B' : 'A', book.refs[order]!, REF_HIGH, ticks, size);
  }

  /** The size of the last record. */
  resize(size: number): void {
    this.view.setUint32(this.at - MBO_BYTES + MBO_AT.SIZE, size, true);
  }

  write(action: string, side: string, low: number, high: number, ticks: number, size: number): void {
    const { view, at } = this;
    view.setUint8(at, MBO_BYTES / 4);
    view.setUint8(at + 1, RTYPE.MBO);
    view.setUint16(at + 2, PUBLISHER, true);
    view.setUint32(at + 4, NUMBER, true);
    this.putTime(at + 8);
    view.setUint32(at + MBO_AT.ORDER, low, true);
    view.setUint32(at + MBO_AT.ORDER + 4, high, true);
    const price = ticks * TICK_NANOS;
    view.setUint32(at + MBO_AT.PRICE, price % TWO_32, true);
    view.setUint32(at + MBO_AT.PRICE + 4, Math.floor(price / TWO_32), true);
    view.setUint32(at + MBO_AT.SIZE, size, true);
    view.setUint8(at + MBO_AT.FLAGS, DBN_FLAG.LAST);
    view.setUint8(at + MBO_AT.ACTION, action.charCodeAt(0));
    view.setUint8(at + MBO_AT.SIDE, side.charCodeAt(0));
    this.putTime(at + MBO_AT.TS_RECV);
    view.setUint32(at + MBO_AT.SEQUENCE, this.sequence++, true);
    this.at = at + MBO_BYTES;
  }

  private putTime(at: number): void {
    const { view, seconds, nanos } = this;
    const ns = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    view.setBigUint64(at, ns, true);
  }
}
