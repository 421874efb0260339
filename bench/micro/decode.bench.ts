import {
  type L2Message,
  N_FIRST_ID,
  N_LAST_ID,
  N_PREVIOUS_ID,
  N_TRADE_ID,
  N_TRADE_LOTS,
  N_TRANSACT_MS,
} from '../../src/feed/l2/message.hot.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';
import { UsdmDecoder } from '../../src/feed/venue/binance-usdm/decode.hot.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, same } from '../harness/bench.ts';
import { IntegerHash } from '../harness/hash.ts';
import { packFrames } from '../harness/recording.ts';
import { interleave, nsFigure, rateFigure } from '../harness/rounds.ts';
import { framesOf, loadSession, type Session } from '../harness/session.ts';
import { JsonComparison } from './beside-json.ts';
import { JsonDecoder } from './json-decoder.ts';
import { binanceBook } from './venue-books.ts';

const SMOKE_FRAMES = 4_000;
const ROUNDS = { full: 9, smoke: 2 };
const JSON_PARSE = 'JSON.parse + Number()';

const SETS: readonly (readonly [key: string, what: string, kind: number | undefined])[] = [
  ['depth', 'depth', MESSAGE.DEPTH],
  ['ticker', 'bookTicker', MESSAGE.TICKER],
  ['trade', 'trade', MESSAGE.TRADE],
  ['mix', 'all, in the order they came', undefined],
];

/** The byte scanner beside `JSON.parse`, on the frames of the bundled session. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { clock, smoke } = context;
  const session = await loadSession(smoke ? SMOKE_FRAMES : Number.POSITIVE_INFINITY);
  const scanner = new UsdmDecoder([session.instrument]);
  const json = new JsonDecoder(session.instrument);
  const buffer = Buffer.from(session.bytes.buffer);
  context.pin();
  const figures: Record<string, Figure> = {};
  const checks: Check[] = [];
  for (const [key, what, kind] of SETS) {
    const frames = framesOf(session, kind);
    checks.push(sameIntegers(what, session, frames, scanner, json, buffer));
    const comparison = interleave(
      clock,
      `${what}: sum of prices and counts`,
      { name: 'scanner', run: () => scan(session, frames, scanner) },
      { name: JSON_PARSE, run: () => parse(session, frames, json, buffer) },
      smoke ? ROUNDS.smoke : ROUNDS.full,
    );
    checks.push(comparison.check);
    const bytes = frames.reduce((sum, i) => sum + session.ends[i]! - session.starts[i]!, 0);
    figures[key] = nsFigure(`${what}: a message of ${Math.round(bytes / frames.length)} bytes`, comparison, frames.length, JSON_PARSE);
    figures[`${key}_rate`] = rateFigure(`${what}: bytes`, 'MB/s', comparison, bytes, 1e3, JSON_PARSE);
  }
  const frames = framesOf(session);
  const packed = packFrames(Array.from(frames, (i) => session.bytes.slice(session.starts[i]!, session.ends[i]!)));
  const alone = new JsonComparison(packed, [session.instrument], scanner, binanceBook, smoke).alone(context);
  const notes = [
    `every frame of ${session.name} but the snapshot (${session.frames} frames); the other side makes a string of the bytes first, as a socket's reader must`,
    '`JSON.parse` alone gets strings that are ready',
    'the scanner refuses what is not exact; the other side checks nothing',
  ];
  return { figures: { ...figures, ...alone.figures }, latencies: alone.latencies, checks: [...checks, ...alone.checks], notes };
}

function scan({ bytes, starts, ends }: Session, frames: Int32Array, decoder: UsdmDecoder): number {
  let sum = 0;
  for (let k = 0; k < frames.length; k++) {
    const i = frames[k]!;
    decoder.decode(bytes, starts[i]!, ends[i]!);
    sum = (sum + taste(decoder.message)) | 0;
  }
  return sum;
}

function parse({ starts, ends }: Session, frames: Int32Array, decoder: JsonDecoder, buffer: Buffer): number {
  let sum = 0;
  for (let k = 0; k < frames.length; k++) {
    const i = frames[k]!;
    decoder.decode(buffer, starts[i]!, ends[i]!);
    sum = (sum + taste(decoder.message)) | 0;
  }
  return sum;
}

/** A few small integers of a message: the cost of looking at its result. All integers are compared outside the measured rounds. */
function taste(message: L2Message): number {
  if (message.kind === MESSAGE.TRADE) return message.tradeTicks + message.tradeSide;
  const bids = message.bidCount;
  const asks = message.askCount;
  return bids + asks + (bids > 0 ? message.bidTicks[bids - 1]! : 0) - (asks > 0 ? message.askTicks[asks - 1]! : 0);
}

/** One hash over every integer of every message: times, ids, prices, quantities, sides. */
function sameIntegers(what: string, session: Session, frames: Int32Array, scanner: UsdmDecoder, json: JsonDecoder, buffer: Buffer): Check {
  const ours = new IntegerHash();
  const theirs = new IntegerHash();
  for (const i of frames) {
    if (scanner.decode(session.bytes, session.starts[i]!, session.ends[i]!) !== 0) return same(`${what}: frame ${i} decodes`, 'no', 'yes');
    json.decode(buffer, session.starts[i]!, session.ends[i]!);
    addMessage(ours, scanner.message);
    addMessage(theirs, json.message);
  }
  return same(`${what}: hash of all integers of ${frames.length} messages`, hex(ours.value), hex(theirs.value));
}

function addMessage(hash: IntegerHash, message: L2Message): void {
  const numbers = message.numbers;
  hash.add(message.kind);
  hash.add(numbers[N_TRANSACT_MS]!);
  if (message.kind === MESSAGE.TRADE) {
    for (const value of [numbers[N_TRADE_ID]!, message.tradeTicks, numbers[N_TRADE_LOTS]!, message.tradeSide]) hash.add(value);
    return;
  }
  hash.add(numbers[N_LAST_ID]!);
  if (message.kind === MESSAGE.DEPTH) for (const value of [numbers[N_FIRST_ID]!, numbers[N_PREVIOUS_ID]!]) hash.add(value);
  addLevels(hash, message.bidTicks, message.bidLots, message.bidCount);
  addLevels(hash, message.askTicks, message.askLots, message.askCount);
}

function addLevels(hash: IntegerHash, ticks: Int32Array, lots: Float64Array, count: number): void {
  hash.add(count);
  for (let i = 0; i < count; i++) {
    hash.add(ticks[i]!);
    hash.add(lots[i]!);
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
