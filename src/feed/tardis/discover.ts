import { EXIT, TickpathError } from '../../core/errors.ts';
import { type InstrumentText, instrumentFromText } from '../../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../../core/limits.ts';
import { ManualClock } from '../../core/time.ts';
import type { Discovery } from '../discovery.ts';
import { ObservedGrid } from '../recorded/observed-grid.ts';
import { FileTransport } from '../transport/file.ts';
import { type TardisColumns, tardisColumns } from './columns.ts';
import { TardisFramer } from './framer.ts';

/** Length of the prefix of each file that is looked at. */
const ROWS_MAX = 65_536;

interface Prefix {
  readonly grids: Map<string, ObservedGrid>;
  readonly exchanges: Set<string>;
}

/** Instruments of Tardis CSVs, in order of first appearance in the first rows of a file. Throws ERR_DISCOVER. */
export async function discoverTardis(
  files: readonly string[],
  configured: readonly InstrumentText[] = [],
  wanted?: string,
): Promise<Discovery> {
  const prefix: Prefix = { grids: new Map(), exchanges: new Set() };
  let baseEpochNs: bigint | undefined;
  for (const file of files) {
    const base = await readPrefix(file, prefix);
    baseEpochNs ??= base;
  }
  if (prefix.exchanges.size > 1) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `${files[0]}: rows of several exchanges (${[...prefix.exchanges].join(', ')}); give those of one`,
      EXIT.DATA,
    );
  }
  const given = configured.map((text, id) => instrumentFromText(id, text));
  const names = new Set(given.map((one) => one.symbol));
  const all = [...prefix.grids.values()].filter((one) => !names.has(one.symbol));
  const found = all.length + given.length > INSTRUMENTS_MAX && wanted !== undefined ? all.filter(({ symbol }) => symbol === wanted) : all;
  const instruments = [...given, ...found.map((one, i) => one.instrument(given.length + i))];
  if (instruments.length === 0 || baseEpochNs === undefined) {
    throw new TickpathError('ERR_DISCOVER', `${files[0]}: no row in the first ${ROWS_MAX}`, EXIT.DATA);
  }
  if (instruments.length > INSTRUMENTS_MAX) {
    throw new TickpathError(
      'ERR_DISCOVER',
      `${files[0]}: ${instruments.length} instruments; expected at most ${INSTRUMENTS_MAX}`,
      EXIT.DATA,
    );
  }
  return { instruments, baseEpochNs, discovered: found.map((one) => one.symbol) };
}

/** Local time of the first row, undefined when the file has none. */
async function readPrefix(file: string, prefix: Prefix): Promise<bigint | undefined> {
  const transport = new FileTransport({ files: [file], clock: new ManualClock(), framer: new TardisFramer() });
  let columns: TardisColumns | undefined;
  let rows = 0;
  await transport.run({
    onConnection: () => {},
    onFrame: (bytes, start, end) => {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      const header = tardisColumns(text.trimEnd());
      if (header !== undefined) columns = header;
      else for (const row of text.split('\n')) observe(row.trimEnd().split(','), columns!, prefix);
      rows += header === undefined ? 1 : 0;
      if (rows >= ROWS_MAX) transport.stop();
    },
  });
  return transport.frames === 0 ? undefined : transport.baseEpochNs;
}

function observe(cells: readonly string[], columns: TardisColumns, prefix: Prefix): void {
  if (cells.length !== columns.count) return;
  const symbol = cells[columns.symbol]!;
  prefix.exchanges.add(cells[columns.exchange]!);
  let grid = prefix.grids.get(symbol);
  if (grid === undefined) {
    grid = new ObservedGrid(symbol);
    prefix.grids.set(symbol, grid);
  }
  if (columns.price >= 0 && columns.amount >= 0) grid.observe(cells[columns.price]!, cells[columns.amount]!);
  for (let i = 0; i < columns.levels.length; i += 2) grid.observe(cells[columns.levels[i]!]!, cells[columns.levels[i + 1]!]!);
}
