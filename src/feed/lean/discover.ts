import { EXIT, TickpathError } from '../../core/errors.ts';
import { type InstrumentText, instrumentFromText } from '../../core/instrument.ts';
import { formatDecimal } from '../../core/price.ts';
import { ManualClock } from '../../core/time.ts';
import type { Discovery } from '../discovery.ts';
import { ObservedGrid } from '../recorded/observed-grid.ts';
import { FileTransport } from '../transport/file.ts';
import { LEAN_PRICE_DECIMALS } from './decode.hot.ts';
import { leanSymbol } from './file-name.ts';
import { LeanFramer } from './framer.ts';

/** Length of the prefix of each file that is looked at. */
const FRAMES_MAX = 65_536;
/** Any value: LEAN's files hold no number of an instrument, so this marks the one they are of. */
const MARK = 1;
const INTEGER = /^[1-9]\d{0,14}$/;

/** The instrument of LEAN ticks: its symbol stands in the file names, its tick is the divisor of the prices. Throws ERR_LEAN. */
export async function discoverLean(files: readonly string[], configured: readonly InstrumentText[] = []): Promise<Discovery> {
  const symbols = [...new Set(files.map(leanSymbol))];
  if (symbols.length > 1) {
    throw new TickpathError('ERR_LEAN', `${files[0]}: files of several symbols (${symbols.join(', ')}); give those of one`, EXIT.DATA);
  }
  const symbol = symbols[0]!;
  const grid = new ObservedGrid(symbol);
  let baseEpochNs: bigint | undefined;
  for (const file of files) {
    const base = await readPrefix(file, grid);
    baseEpochNs ??= base;
  }
  if (baseEpochNs === undefined) throw new TickpathError('ERR_DISCOVER', `${files[0]}: no row`, EXIT.DATA);
  const given = configured.map((text, id) => {
    const instrument = instrumentFromText(id, text);
    if (instrument.priceDecimals > LEAN_PRICE_DECIMALS || instrument.qtyDecimals > 0) {
      throw new TickpathError(
        'ERR_INSTRUMENT',
        `instrument ${text.symbol}: expected a tick_size of at most ${LEAN_PRICE_DECIMALS} decimals and a whole lot_size`,
        EXIT.USAGE,
      );
    }
    return text.symbol === symbol ? Object.freeze({ ...instrument, venueId: MARK }) : instrument;
  });
  if (given.some((one) => one.symbol === symbol)) return { instruments: given, baseEpochNs, discovered: [] };
  return { instruments: [...given, Object.freeze({ ...grid.instrument(given.length), venueId: MARK })], baseEpochNs, discovered: [symbol] };
}

/** Time of the first row, undefined when the file has none. */
async function readPrefix(file: string, grid: ObservedGrid): Promise<bigint | undefined> {
  const transport = new FileTransport({ files: [file], clock: new ManualClock(), framer: new LeanFramer() });
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      for (const row of new TextDecoder().decode(bytes.subarray(start, end)).split('\n')) {
        const cells = row.split(',');
        for (const price of cells.length === 8 ? [cells[1]!, cells[3]!] : [cells[1] ?? ''])
          if (INTEGER.test(price)) grid.observe(formatDecimal(Number(price), LEAN_PRICE_DECIMALS), '1');
      }
      if (transport.frames >= FRAMES_MAX) transport.stop();
    },
  });
  return transport.frames === 0 ? undefined : transport.baseEpochNs;
}
