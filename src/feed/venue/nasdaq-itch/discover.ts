import { EXIT, TickpathError } from '../../../core/errors.ts';
import { type Instrument, type InstrumentText, instrumentFromText } from '../../../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../../../core/limits.ts';
import type { FrameHandler } from '../../../core/ports.ts';
import { ManualClock } from '../../../core/time.ts';
import type { Discovery } from '../../discovery.ts';
import { FileTransport } from '../../transport/file.ts';
import type { Framer } from '../../transport/framer.ts';
import { MOLD_BAD, MOLD_BLOCK_BYTES, MOLD_END_OF_SESSION, MOLD_HEADER_BYTES, moldPacket, moldU16 } from '../../transport/mold.hot.ts';
import { PcapFramer } from '../../transport/pcap.ts';
import { BinaryFileFramer } from './binary-file.ts';
import { ItchDecoder } from './decode.hot.ts';
import { TYPE } from './layout.ts';
import { ITCH } from './status.ts';

/** Messages that are looked at for the list of stocks, and for one stock that was asked for. */
const LISTED_MESSAGES_MAX = 1 << 20;
const WANTED_MESSAGES_MAX = 1 << 24;
/** Stocks that an error names. */
const NAMED_MAX = 8;
const NAME_BYTES = 8;
/** What every price and quantity of ITCH is a multiple of; a stock's own tick may be coarser (configure it). */
const TICK_SIZE = '0.0001';
const LOT_SIZE = '1';

type OnMessage = (bytes: Uint8Array, start: number, end: number) => void;
type Split = (bytes: Uint8Array, start: number, end: number, onMessage: OnMessage) => void;

/** Stocks of a BinaryFILE. */
export function discoverItch(files: readonly string[], configured: readonly InstrumentText[] = [], wanted?: string): Promise<Discovery> {
  return discover(files, new BinaryFileFramer(), (bytes, start, end, onMessage) => onMessage(bytes, start, end), true, configured, wanted);
}

/** Stocks of a capture of MoldUDP64 packets. */
export function discoverMold(files: readonly string[], configured: readonly InstrumentText[] = [], wanted?: string): Promise<Discovery> {
  return discover(files, new PcapFramer(), splitPacket, false, configured, wanted);
}

const sequence = new Float64Array(1);

function splitPacket(bytes: Uint8Array, start: number, end: number, onMessage: OnMessage): void {
  const count = moldPacket(bytes, start, end, sequence, 0);
  if (count === MOLD_BAD || count === MOLD_END_OF_SESSION) return;
  let at = start + MOLD_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const next = at + MOLD_BLOCK_BYTES + moldU16(bytes, at);
    onMessage(bytes, at + MOLD_BLOCK_BYTES, next);
    at = next;
  }
}

/** Names of stocks in order of appearance: those of the directory, or of orders where there is no directory. */
class StockNames {
  messages = 0;
  done = false;
  private readonly directory = new Set<string>();
  private readonly orders = new Set<string>();
  private readonly decoder = new ItchDecoder();
  private readonly oneDirectory: boolean;
  private readonly wanted: string | undefined;

  /** `oneDirectory`: the input is of one market and one day, so that all of the directory comes before the first order. */
  constructor(oneDirectory: boolean, wanted: string | undefined) {
    this.oneDirectory = oneDirectory;
    this.wanted = wanted;
  }

  get names(): readonly string[] {
    return [...(this.directory.size > 0 ? this.directory : this.orders)];
  }

  get found(): boolean {
    return this.wanted !== undefined && (this.directory.has(this.wanted) || this.orders.has(this.wanted));
  }

  see(bytes: Uint8Array, start: number, end: number): void {
    this.messages++;
    if (this.messages >= (this.wanted === undefined ? LISTED_MESSAGES_MAX : WANTED_MESSAGES_MAX)) this.done = true;
    if (this.decoder.decode(bytes, start, end) !== ITCH.OK) return;
    const { type, stockAt } = this.decoder.message;
    const isOrder = type === TYPE.ADD || type === TYPE.ADD_MPID;
    if (type !== TYPE.STOCK_DIRECTORY && !isOrder) return;
    if (isOrder && this.directory.size > 0 && this.oneDirectory) this.done = true;
    const name = String.fromCharCode(...bytes.subarray(stockAt, stockAt + NAME_BYTES)).trimEnd();
    (isOrder ? this.orders : this.directory).add(name);
    if (name === this.wanted) this.done = true;
  }
}

async function discover(
  files: readonly string[],
  framer: Framer,
  split: Split,
  oneDirectory: boolean,
  configured: readonly InstrumentText[],
  wanted: string | undefined,
): Promise<Discovery> {
  const given = configured.map((text, id) => instrumentFromText(id, text));
  const names = new StockNames(oneDirectory, wanted);
  if (given.some((one) => one.symbol === wanted)) names.done = true;
  const transport = new FileTransport({ files, framer, clock: new ManualClock() });
  const handler: FrameHandler = {
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      if (!names.done) split(bytes, start, end, (...message) => names.see(...message));
      if (names.done) transport.stop();
    },
  };
  await transport.run(handler);
  if (transport.frames === 0)
    throw new TickpathError('ERR_DISCOVER', `${files[0]}: no message; expected Nasdaq TotalView-ITCH 5.0`, EXIT.DATA);
  const found = chosen(files[0]!, names, wanted, given);
  const instruments = [...given, ...found.map((symbol, i) => instrumentFromText(given.length + i, textOf(symbol)))];
  return { instruments, baseEpochNs: transport.baseEpochNs, discovered: found };
}

/** Stocks to follow beside the configured ones. */
function chosen(file: string, names: StockNames, wanted: string | undefined, given: readonly Instrument[]): readonly string[] {
  if (wanted !== undefined && given.some((one) => one.symbol === wanted)) return [];
  const all = names.names;
  const some = `${all.slice(0, NAMED_MAX).join(', ')}${all.length > NAMED_MAX ? ', ...' : ''}`;
  if (wanted !== undefined) {
    if (names.found) return [wanted];
    throw new TickpathError(
      'ERR_SYMBOL',
      `${file}: no stock ${wanted} in the first ${names.messages} messages; they name ${all.length}: ${some}`,
      EXIT.USAGE,
    );
  }
  const others = all.filter((symbol) => !given.some((one) => one.symbol === symbol));
  if (given.length + others.length === 0)
    throw new TickpathError('ERR_DISCOVER', `${file}: no stock in the first ${names.messages} messages; expected R, A or F`, EXIT.DATA);
  if (given.length + others.length > INSTRUMENTS_MAX)
    throw new TickpathError('ERR_SYMBOL', `${file}: ${all.length} stocks (${some}); name one with --symbol`, EXIT.USAGE);
  return others;
}

function textOf(symbol: string): InstrumentText {
  return { symbol, tickSize: TICK_SIZE, lotSize: LOT_SIZE };
}
