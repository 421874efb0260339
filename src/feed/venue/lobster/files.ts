import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, TickpathError } from '../../../core/errors.ts';
import { instrumentFromText } from '../../../core/instrument.ts';
import { ManualClock } from '../../../core/time.ts';
import type { Discover } from '../../discovery.ts';
import type { ByteSource } from '../../transport/byte-source.ts';
import { FileTransport } from '../../transport/file.ts';
import { InflatedFile } from '../../transport/inflate.ts';
import { JoinedLines } from '../../transport/joined-lines.ts';
import { LobsterFramer } from './framer.ts';

/** `TICKER_DATE_START_END_message_LEVEL.csv`, perhaps compressed. */
const MESSAGE_FILE = /^([A-Za-z0-9.-]+)_.*_?message_\d+\.csv(?:\.gz|\.zst)?$/;
const COMPRESSED = /\.(?:gz|zst)$/;
/** Prices are dollars times 10,000, quantities shares. */
const TICK_SIZE = '0.0001';
const LOT_SIZE = '1';
/** The first row is enough to begin with. */
const DISCOVERY_AHEAD_BYTES = 1 << 16;

function tickerOf(file: string): string {
  const ticker = MESSAGE_FILE.exec(basename(file))?.[1];
  if (ticker !== undefined) return ticker;
  throw new TickpathError(
    'ERR_INPUT',
    `${file}: expected a LOBSTER message file, named like TICKER_DATE_START_END_message_LEVEL.csv`,
    EXIT.USAGE,
  );
}

/** The order-book file beside a message file; compressed or not, whatever the message file is. */
export function orderBookFileOf(file: string): string {
  tickerOf(file);
  const plain = join(dirname(file), basename(file).replace('message', 'orderbook').replace(COMPRESSED, ''));
  const found = [plain, `${plain}.gz`, `${plain}.zst`].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new TickpathError(
    'ERR_INPUT',
    `${plain}: no such file; a LOBSTER message file is read with its order-book file beside it`,
    EXIT.USAGE,
  );
}

/** Reads a message file and its order-book file in step. */
export function openLobster(file: string, aheadBytes: number, onRead: (bytes: number) => void): ByteSource {
  const bookFile = orderBookFileOf(file);
  return new JoinedLines(file, new InflatedFile(file, aheadBytes, onRead), bookFile, new InflatedFile(bookFile, aheadBytes, () => {}));
}

/** The one instrument of LOBSTER files, which their names say. */
export const discoverLobster: Discover = async (files, configured = []) => {
  const symbols = new Set(files.map(tickerOf));
  if (symbols.size !== 1)
    throw new TickpathError(
      'ERR_INPUT',
      `${files[0]}: the files are of several tickers (${[...symbols].join(', ')}); expected one`,
      EXIT.USAGE,
    );
  const symbol = [...symbols][0]!;
  const text = configured.find((one) => one.symbol === symbol);
  const transport = new FileTransport({
    files,
    framer: new LobsterFramer(),
    clock: new ManualClock(),
    openInput: ([file], onRead) => openLobster(file!, DISCOVERY_AHEAD_BYTES, onRead),
  });
  await transport.run({ onConnection: () => {}, onFrame: () => transport.stop() });
  if (transport.frames === 0) throw new TickpathError('ERR_DISCOVER', `${files[0]}: no row; expected a LOBSTER message file`, EXIT.DATA);
  return {
    instruments: [instrumentFromText(0, text ?? { symbol, tickSize: TICK_SIZE, lotSize: LOT_SIZE })],
    baseEpochNs: transport.baseEpochNs,
    discovered: text === undefined ? [symbol] : [],
  };
};
