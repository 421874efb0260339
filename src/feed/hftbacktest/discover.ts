import { basename } from 'node:path';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { type InstrumentText, instrumentFromText } from '../../core/instrument.ts';
import { ManualClock } from '../../core/time.ts';
import type { Discovery } from '../discovery.ts';
import { ObservedGrid } from '../recorded/observed-grid.ts';
import { FileTransport } from '../transport/file.ts';
import { decimalTextOf } from './decimal.ts';
import { EventFramer } from './framer.ts';
import { EVENT, EVENT_AT, EVENT_BYTES } from './layout.ts';

/** Length of the prefix of each file that is looked at. */
const ROWS_MAX = 262_144;
/** Any value: the files hold no number of an instrument, so this marks the one they are of. */
const MARK = 1;
const SYMBOL = /^[a-z0-9-]*[a-z][a-z0-9-]*/i;
/** Kinds of rows that have a price. */
const PRICED: ReadonlySet<number> = new Set([EVENT.DEPTH, EVENT.TRADE, EVENT.DEPTH_SNAPSHOT]);

/**
 * The instrument of hftbacktest's events, which name none: its symbol is how the first file's name begins (`btcusdt_20240808.npz`),
 * its tick the divisor of the prices in the first rows. A single configured instrument is it, whatever the file is called.
 */
export async function discoverEvents(files: readonly string[], configured: readonly InstrumentText[] = []): Promise<Discovery> {
  const symbols = [...new Set(files.map(symbolOf))];
  if (symbols.length > 1) {
    throw new TickpathError('ERR_INPUT', `${files[0]}: files of several symbols (${symbols.join(', ')}); give those of one`, EXIT.USAGE);
  }
  const symbol = symbols[0]!;
  const grid = new ObservedGrid(symbol);
  let baseEpochNs: bigint | undefined;
  for (const file of files) {
    const base = await readPrefix(file, grid);
    baseEpochNs ??= base;
  }
  if (baseEpochNs === undefined) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `${files[0]}: no row with a local_ts that the local side sees (flag 1<<30); expected events that were put in order, as hftbacktest's converters do`,
      EXIT.DATA,
    );
  }
  const given = configured.map((text, id) => {
    const instrument = instrumentFromText(id, text);
    return configured.length === 1 || text.symbol === symbol ? Object.freeze({ ...instrument, venueId: MARK }) : instrument;
  });
  if (given.some((one) => one.venueId === MARK)) return { instruments: given, baseEpochNs, discovered: [] };
  return { instruments: [...given, Object.freeze({ ...grid.instrument(given.length), venueId: MARK })], baseEpochNs, discovered: [symbol] };
}

function symbolOf(file: string): string {
  const name = basename(file);
  return (SYMBOL.exec(name)?.[0] ?? name).toUpperCase();
}

/** Local time of the first row that has one, undefined when there is none. */
async function readPrefix(file: string, grid: ObservedGrid): Promise<bigint | undefined> {
  const framer = new EventFramer();
  const transport = new FileTransport({ files: [file], clock: new ManualClock(), framer });
  let rows = 0;
  let timed = false;
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
      for (let at = 0; at < end - start; at += EVENT_BYTES) {
        if (!PRICED.has(view.getUint8(at))) continue;
        const price = decimalTextOf(view.getFloat64(at + EVENT_AT.PX, true));
        const qty = decimalTextOf(view.getFloat64(at + EVENT_AT.QTY, true));
        grid.observe(price ?? '', qty ?? '');
      }
      timed ||= framer.seconds > 0 || framer.nanos > 0;
      rows += (end - start) / EVENT_BYTES;
      if (rows >= ROWS_MAX && timed) transport.stop();
    },
  });
  return timed ? transport.baseEpochNs : undefined;
}
