/**
 * The only place that reads the machine's clocks. Monotonic times are nanoseconds since a base that the process that
 * starts a run picks once and hands to every thread, so that stamps of different threads compare. A double holds
 * 2^53 ns, 104 days.
 */
export interface Clock {
  /** Where the readings come from; stands in reports. */
  readonly source: string;
  /** Monotonic nanoseconds since the base. */
  nowNs(): number;
}

/** Monotonic time now as nanoseconds of the operating system's clock: the base to hand to `systemClock`. */
export function monotonicBaseNs(): bigint {
  return process.hrtime.bigint();
}

/** Wall-clock time now, nanoseconds since the Unix epoch at millisecond resolution. For file names and reports only. */
export function wallTimeMs(): number {
  return Date.now();
}

/**
 * A module that imports WASI's `clock_time_get` and exports `now(): f64` = monotonic ns minus the base at address 0.
 * Called through WebAssembly the clock allocates nothing on Node 20 and 22. Bytes: types, import, function, memory,
 * exports, code.
 */
const CLOCK_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  // types: (i32 id, i64 precision, i32 result) -> i32 errno; () -> f64
  0x01, 0x0c, 0x02, 0x60, 0x03, 0x7f, 0x7e, 0x7f, 0x01, 0x7f, 0x60, 0x00, 0x01, 0x7c,
  // import "wasi_snapshot_preview1" "clock_time_get"
  0x02, 0x29, 0x01, 0x16, 0x77, 0x61, 0x73, 0x69, 0x5f, 0x73, 0x6e, 0x61, 0x70, 0x73, 0x68, 0x6f, 0x74, 0x5f, 0x70, 0x72, 0x65, 0x76, 0x69,
  0x65, 0x77, 0x31, 0x0e, 0x63, 0x6c, 0x6f, 0x63, 0x6b, 0x5f, 0x74, 0x69, 0x6d, 0x65, 0x5f, 0x67, 0x65, 0x74, 0x00, 0x00,
  // one function of type 1; one page of memory
  0x03, 0x02, 0x01, 0x01, 0x05, 0x03, 0x01, 0x00, 0x01,
  // exports "memory" and "now"
  0x07, 0x10, 0x02, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x03, 0x6e, 0x6f, 0x77, 0x00, 0x01,
  // clock_time_get(1 = monotonic, 1, 8); drop; f64(i64[8] - i64[0])
  0x0a, 0x19, 0x01, 0x17, 0x00, 0x41, 0x01, 0x42, 0x01, 0x41, 0x08, 0x10, 0x00, 0x1a, 0x41, 0x08, 0x29, 0x03, 0x00, 0x41, 0x00, 0x29, 0x03,
  0x00, 0x7d, 0xb9, 0x0b,
]);

class WasmClock implements Clock {
  readonly source = 'WASI clock_time_get (monotonic) called from WebAssembly';
  readonly nowNs: () => number;

  constructor(baseNs: bigint) {
    // Not imported: importing it warns, also where it is not used.
    const { WASI } = process.getBuiltinModule('node:wasi');
    const wasi = new WASI({ version: 'preview1' });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(CLOCK_MODULE), {
      wasi_snapshot_preview1: wasi.wasiImport as Record<string, unknown>,
    });
    wasi.initialize(instance);
    const memory = instance.exports['memory'] as WebAssembly.Memory;
    new BigInt64Array(memory.buffer)[0] = baseNs;
    this.nowNs = instance.exports['now'] as () => number;
  }
}

/** int32 words of the two times of an HrtimeClock; a little-endian machine. */
const LOW = 0;
const HIGH = 1;
const BASE_LOW = 2;
const BASE_HIGH = 3;

/**
 * `hrtime.bigint()` makes a BigInt, but one that is only stored into a BigInt64Array never comes to be once V8 has compiled
 * the caller: 64 bits are written, and read back as two words. That allocates nothing on Node 24 and later, where a call
 * from WebAssembly to WASI does.
 */
class HrtimeClock implements Clock {
  readonly source = 'process.hrtime.bigint (monotonic)';
  /** [0] the time last read, [1] the base, ns. */
  private readonly times: BigInt64Array;
  private readonly words: Int32Array;

  constructor(baseNs: bigint) {
    this.times = new BigInt64Array(2);
    this.words = new Int32Array(this.times.buffer);
    this.times[1] = baseNs;
  }

  nowNs(): number {
    const words = this.words;
    this.times[0] = process.hrtime.bigint();
    return (words[HIGH]! - words[BASE_HIGH]!) * 4294967296 + ((words[LOW]! >>> 0) - (words[BASE_LOW]! >>> 0));
  }
}

/** First Node on which `hrtime` is the clock that allocates nothing. */
const HRTIME_NODE = 24;

/** The machine's monotonic clock relative to `baseNs`, by whichever call allocates nothing here. */
export function systemClock(baseNs: bigint): Clock {
  if (Number.parseInt(process.versions.node, 10) >= HRTIME_NODE) return new HrtimeClock(baseNs);
  try {
    return new WasmClock(baseNs);
  } catch {
    return new HrtimeClock(baseNs);
  }
}

/** A clock that stands still until it is told the time: for tests and for runs that measure nothing. */
export class ManualClock implements Clock {
  readonly source = 'manual';
  private timeNs = 0;

  set(timeNs: number): void {
    this.timeNs = timeNs;
  }

  nowNs(): number {
    return this.timeNs;
  }
}
