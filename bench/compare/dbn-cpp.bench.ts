import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LibraryHandle } from 'koffi';
import type { Instrument } from '../../src/core/instrument.ts';
import { ManualClock } from '../../src/core/time.ts';
import { DbnFramer } from '../../src/feed/dbn/framer.ts';
import { DBN_TYPE_AT, RTYPE } from '../../src/feed/dbn/layout.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { type BenchContext, type BenchFindings, type Check, type Figure, same } from '../harness/bench.ts';
import { interleave, nsFigure, rateFigure } from '../harness/rounds.ts';
import { cpuClock } from './cpu-clock.ts';
import { DBN_LEVELS_MAX, DbnRun } from './dbn-books.ts';
import { type DbnStream, dbnStream, NUMBER, PUBLISHER, TICK_NANOS } from './dbn-stream.ts';
import { ORDERS_MAX } from './itch-books.ts';
import { loadNative, NO_COMPILER } from './native.ts';

const SEED = 20_250_704;
const RECORDS = { full: 2_000_000, smoke: 20_000 };
const ROUNDS = { full: 11, smoke: 2 };
const CPP = 'C++';
const RECORDED = ['dbn/es/esh4-glbx-mdp3-20231224.mbo.dbn.zst', 'dbn/es/esh4-glbx-mdp3-20231225.mbo.dbn.zst'];
const INSTRUMENT: Instrument = {
  id: 0,
  symbol: 'ESH4',
  priceDecimals: 2,
  qtyDecimals: 0,
  tickUnits: TICK_NANOS / 1e7,
  lotUnits: 1,
  venueId: PUBLISHER * 2 ** 32 + NUMBER,
};

/** Order records of DBN decoded, and applied to a book, beside a C++ program that does the same. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  const { smoke } = context;
  const clock = cpuClock(context.clock);
  const native = loadNative('dbn');
  if (native === undefined)
    return { figures: {}, latencies: {}, checks: [{ what: 'needs g++', ok: true, detail: 'skipped' }], notes: [NO_COMPILER] };
  const stream = dbnStream(SEED, smoke ? RECORDS.smoke : RECORDS.full);
  const recorded = (await Promise.all(RECORDED.map(recordedStream))).filter((one) => one !== undefined);
  const ours = new DbnRun(INSTRUMENT);
  const cpp = new CppRecords(native.library);
  context.pin();
  const rounds = smoke ? ROUNDS.smoke : ROUNDS.full;
  const decode = interleave(
    clock,
    `hash of order, price, quantity, action and side of ${stream.records} records`,
    { name: 'ours', run: () => ours.decode(stream) },
    { name: CPP, run: () => cpp.decode(stream, 0) },
    rounds,
  );
  const book = interleave(
    clock,
    'hash of best prices and sum of lots after each record',
    { name: 'ours', prepare: () => ours.clear(), run: () => ours.run(stream) },
    { name: CPP, prepare: () => cpp.clear(), run: () => cpp.run(stream, 0) },
    rounds,
  );
  const checks = [decode.check, book.check, ...wholeChecks('made stream', stream, ours, cpp)];
  for (const one of recorded) checks.push(...wholeChecks(`${one.records} recorded`, one, ours, cpp));
  cpp.close();
  const figures: Record<string, Figure> = {
    decode: nsFigure('DBN order record decoded', decode, stream.records, CPP),
    decode_rate: rateFigure('the same, records', 'M/s', decode, stream.records, 1e3, CPP),
    book: nsFigure('DBN order record decoded and in the book, best prices read', book, stream.records, CPP),
  };
  const notes = [
    `${stream.records} records of one instrument from seed ${SEED}; the other side is bench/compare/native/dbn.cpp (${native.compiler})`,
    'C++ keeps a price as the 64-bit integer it is; ours finds whole ticks in doubles and multiplies back',
    recorded.length === 0
      ? `recorded files not compared: no TICKPATH_DATA/${RECORDED[0]}`
      : `recorded files compared too: ${RECORDED.join(', ')}`,
  ];
  return { figures, latencies: {}, checks, notes };
}

/** Outside the measured rounds: every field of every record, every best price and quantity, and what was refused. */
function wholeChecks(what: string, stream: DbnStream, ours: DbnRun, cpp: CppRecords): Check[] {
  const fields = same(`${what}: hash of every field`, hex(ours.decodeWhole(stream)), hex(cpp.decode(stream, 1)));
  const undecoded = same(`${what}: records the decoder refused`, ours.refused, cpp.refused);
  ours.clear();
  cpp.clear();
  const best = same(`${what}: hash of best prices and lots after each record`, hex(ours.runWhole(stream)), hex(cpp.run(stream, 1)));
  ours.clear();
  ours.run(stream);
  return [fields, undecoded, best, same(`${what}: records refused`, ours.refused, cpp.refused)];
}

class CppRecords {
  private readonly handle: unknown;
  private readonly functions: Readonly<Record<'close' | 'clear' | 'refused' | 'decode' | 'run', ReturnType<LibraryHandle['func']>>>;

  constructor(library: LibraryHandle) {
    this.functions = {
      close: library.func('void dbn_close(void *)'),
      clear: library.func('void dbn_clear(void *)'),
      refused: library.func('int dbn_refused(void *)'),
      decode: library.func('uint32_t dbn_decode(void *, const uint8_t *, double, int)'),
      run: library.func('uint32_t dbn_books(void *, const uint8_t *, double, int)'),
    };
    const open = library.func('void *dbn_open(int, uint32_t, double, uint32_t, int, int)');
    this.handle = open(PUBLISHER, NUMBER, TICK_NANOS, INSTRUMENT.lotUnits, ORDERS_MAX, DBN_LEVELS_MAX);
  }

  get refused(): number {
    return this.functions.refused(this.handle) as number;
  }

  clear(): void {
    this.functions.clear(this.handle);
  }

  decode({ bytes, end }: DbnStream, whole: number): number {
    return this.functions.decode(this.handle, bytes, end, whole) as number;
  }

  run({ bytes, end }: DbnStream, whole: number): number {
    return this.functions.run(this.handle, bytes, end, whole) as number;
  }

  close(): void {
    this.functions.close(this.handle);
  }
}

/** The order records of a recorded file; undefined where it is not at hand. */
async function recordedStream(name: string): Promise<DbnStream | undefined> {
  const file = join(process.env['TICKPATH_DATA'] ?? '../shared/data', name);
  if (!existsSync(file)) return undefined;
  const frames: Uint8Array[] = [];
  await new FileTransport({ files: [file], framer: new DbnFramer(), clock: new ManualClock(), baseEpochNs: 0n }).run({
    onFrame: (bytes, start, end) => {
      if (bytes[start + DBN_TYPE_AT] === RTYPE.MBO) frames.push(bytes.slice(start, end));
    },
    onConnection: () => {},
  });
  const bytes = Uint8Array.from(Buffer.concat(frames));
  return { bytes, end: bytes.length, records: frames.length };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
