import { KeyTable } from '../../feed/json/object.hot.ts';
import { skipValue } from '../../feed/json/scan.hot.ts';
import { AnswerLine } from '../../feed/venue/binance/answer.hot.ts';
import { FrameFields } from './frame-fields.ts';

const W_STREAM = 0;
const W_DATA = 1;
const WRAPPER = new KeyTable(['stream', 'data']);
const E_TYPE = 0;
const E_SYMBOL = 1;
const E_UPDATE = 2;
const E_SNAPSHOT_ID = 3;
const E_SNAPSHOT_SYMBOL = 4;
const EVENT = new KeyTable(['e', 's', 'u', 'lastUpdateId', 'symbol']);
const DECODER = new TextDecoder();

/** First part of the name of the stream that an event type belongs to. */
const STREAM_OF_TYPE: Readonly<Record<string, string>> = {
  depthUpdate: 'depth',
  bookTicker: 'bookTicker',
  trade: 'trade',
  aggTrade: 'aggTrade',
};

/** What a recorded frame of Binance is: with or without the wrapper of combined streams, or the answer to a request. */
export class BinanceFrame {
  /** Symbol in capitals, '' when the frame names none. */
  symbol = '';
  /** Stream without symbol and pace, e.g. "depth", "depth20", "trade"; "" when it is no event of a stream. */
  stream = '';
  /** The answer to a request for a snapshot. */
  isSnapshot = false;
  /** The event or the answer's body is `bytes[start, end)`. */
  start = 0;
  end = 0;
  private readonly wrapper = new FrameFields(WRAPPER);
  private readonly event = new FrameFields(EVENT);
  private readonly answer = new AnswerLine();

  /** False when the frame is neither event nor snapshot. `isPartial`: nameless books are messages of partial depth. */
  read(bytes: Uint8Array, start: number, end: number, isPartial: boolean): boolean {
    this.symbol = '';
    this.stream = '';
    this.isSnapshot = false;
    this.start = start;
    this.end = end;
    if (bytes[start] === 104) return this.readAnswer(bytes, start, end);
    if (!this.wrapper.frame(bytes, start, end)) return false;
    const name = this.wrapper.text(W_STREAM);
    const data = this.wrapper.place(W_DATA);
    if (name !== '' && data !== 0) {
      const [symbol, stream] = name.split('@');
      this.start = data;
      this.end = skipValue(bytes, data, end, 1);
      this.symbol = symbol!.toUpperCase();
      this.stream = stream ?? '';
      this.isSnapshot = this.stream === 'depthSnapshot';
      if (this.isSnapshot) this.stream = '';
      return true;
    }
    return this.readEvent(bytes, isPartial);
  }

  private readAnswer(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.answer.read(bytes, start, end)) return false;
    const { body, symbolStart, symbolEnd } = this.answer;
    this.start = body;
    this.symbol = DECODER.decode(bytes.subarray(symbolStart, symbolEnd)).toUpperCase();
    this.isSnapshot = this.event.frame(bytes, body, end) && this.event.place(E_SNAPSHOT_ID) !== 0;
    return this.isSnapshot;
  }

  private readEvent(bytes: Uint8Array, isPartial: boolean): boolean {
    const { event } = this;
    if (!event.frame(bytes, this.start, this.end)) return false;
    if (event.place(E_SNAPSHOT_ID) !== 0) {
      this.symbol = event.text(E_SNAPSHOT_SYMBOL).toUpperCase();
      this.isSnapshot = !isPartial;
      if (isPartial) this.stream = 'depth20';
      return true;
    }
    this.symbol = event.text(E_SYMBOL).toUpperCase();
    // A ticker of spot has no type.
    const type = event.text(E_TYPE) || (event.place(E_UPDATE) === 0 ? '' : 'bookTicker');
    this.stream = STREAM_OF_TYPE[type] ?? '';
    return this.symbol !== '' && this.stream !== '';
  }
}
