import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LibraryHandle } from 'koffi';
import { FEED_ORDERS_MAX } from '../../src/core/limits.ts';
import { ITCH_LENGTH } from '../../src/feed/venue/nasdaq-itch/layout.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, same } from '../harness/bench.ts';
import { interleave, nsFigure } from '../harness/rounds.ts';
import { cpuClock } from './cpu-clock.ts';
import { ItchBooksRun, LEVELS_MAX, ORDERS_MAX } from './itch-books.ts';
import { type ItchStream, itchStream, STREAM_STOCKS } from './itch-stream.ts';
import { loadNative, NO_COMPILER } from './native.ts';

const SEED = 20_250_703;
const MESSAGES = { full: 4_000_000, smoke: 20_000 };
const ROUNDS = { full: 11, smoke: 2 };
const CPP = 'C++';
/** A recorded file with no lengths in it: 12,012 messages. */
const RECORDED = 'itch/ex20101224.TEST_ITCH_50.gz';

/** ITCH 5.0 decoded and applied to order-by-order books, beside a C++ program of the same algorithm. */
export function bench(context: BenchContext): BenchFindings {
  const { smoke } = context;
  const clock = cpuClock(context.clock);
  const native = loadNative('itch');
  if (native === undefined)
    return { figures: {}, latencies: {}, checks: [{ what: 'needs g++', ok: true, detail: 'skipped' }], notes: [NO_COMPILER] };
  const stream = itchStream(SEED, smoke ? MESSAGES.smoke : MESSAGES.full);
  const ours = new ItchBooksRun(STREAM_STOCKS);
  const cpp = new CppBooks(native.library, STREAM_STOCKS + 1);
  context.pin();
  const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
  const books = interleave(
    clock,
    `hash of best prices and sum of lots after each of ${stream.messages} messages`,
    { name: 'ours', prepare: () => ours.clear(), run: () => ours.run(stream) },
    { name: CPP, prepare: () => cpp.clear(), run: () => cpp.run(stream, 0) },
    rounds,
  );
  const decode = interleave(
    clock,
    'sum over the decoded messages',
    { name: 'ours', run: () => ours.decode(stream) },
    { name: CPP, run: () => cpp.decode(stream) },
    rounds,
  );
  const checks = [books.check, ...wholeChecks('made stream', stream, ours, cpp), decode.check];
  const recorded = recordedStream();
  if (recorded !== undefined) checks.push(...wholeChecks('recorded file', recorded, ours, cpp));
  cpp.close();
  const figures: Record<string, Figure> = {
    message: nsFigure('ITCH decoded and in the book, best prices read: a message', books, stream.messages, CPP),
    decode: nsFigure('ITCH decoded: a message', decode, stream.messages, CPP),
  };
  return { figures, latencies: {}, checks, notes: notesOf(stream, native.compiler, recorded !== undefined) };
}

/** Outside the measured rounds: every best price and quantity after every message, and what was refused. */
function wholeChecks(what: string, stream: ItchStream, ours: ItchBooksRun, cpp: CppBooks): Check[] {
  ours.clear();
  cpp.clear();
  const hashes = same(`${what}: hash of best prices and lots after each message`, hex(ours.check(stream)), hex(cpp.run(stream, 1)));
  ours.clear();
  ours.run(stream);
  return [hashes, same(`${what}: messages refused`, ours.refused, cpp.refused)];
}

class CppBooks {
  private readonly handle: unknown;
  private readonly functions: Readonly<Record<'close' | 'clear' | 'refused' | 'run' | 'decode', ReturnType<LibraryHandle['func']>>>;

  constructor(library: LibraryHandle, books: number) {
    this.functions = {
      close: library.func('void itch_close(void *)'),
      clear: library.func('void itch_clear(void *)'),
      refused: library.func('int itch_refused(void *)'),
      run: library.func('uint32_t itch_run(void *, const uint8_t *, double, int)'),
      decode: library.func('uint32_t itch_decode(const uint8_t *, double)'),
    };
    this.handle = library.func('void *itch_open(int, int, int, int)')(books, FEED_ORDERS_MAX, ORDERS_MAX, LEVELS_MAX);
  }

  get refused(): number {
    return this.functions.refused(this.handle) as number;
  }

  clear(): void {
    this.functions.clear(this.handle);
  }

  run({ bytes, end }: ItchStream, whole: number): number {
    return this.functions.run(this.handle, bytes, end, whole) as number;
  }

  decode({ bytes, end }: ItchStream): number {
    return this.functions.decode(bytes, end) as number;
  }

  close(): void {
    this.functions.close(this.handle);
  }
}

/** The recorded file with its lengths filled in by type; undefined where it is not at hand. */
function recordedStream(): ItchStream | undefined {
  const file = join(process.env['TICKPATH_DATA'] ?? '../shared/data', RECORDED);
  if (!existsSync(file)) return undefined;
  const bytes = new Uint8Array(gunzipSync(readFileSync(file)));
  let messages = 0;
  for (let at = 0; at < bytes.length; messages++) {
    const length = ITCH_LENGTH[bytes[at + 2]!]!;
    bytes[at + 1] = length;
    at += 2 + length;
  }
  return { bytes, end: bytes.length, messages, locates: 0, shares: {}, liveOrders: 0 };
}

function notesOf(stream: ItchStream, compiler: string, recorded: boolean): string[] {
  const shares = Object.entries(stream.shares).map(([kind, count]) => `${kind} ${((100 * count) / stream.messages).toFixed(1)} %`);
  return [
    `${stream.messages} messages of ${stream.locates} stocks from seed ${SEED}: ${shares.join(', ')}; ${stream.liveOrders} orders live at the end`,
    `the other side is bench/compare/native/itch.cpp (${compiler}): the same algorithm, checks and queues, in the same thread`,
    recorded ? `recorded file compared too: ${RECORDED}` : `recorded file not compared: no TICKPATH_DATA/${RECORDED}`,
  ];
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
