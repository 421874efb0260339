import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import type { Format } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import type { LiveName } from '../../src/feed/live-venues.ts';
import { dataFile } from '../support/data.ts';
import { booksOfFile, ServeRig, type ServeRigOptions } from '../support/serve-rig.ts';

const test = suite('a live client of a served capture');

interface Capture {
  readonly files: readonly string[];
  readonly format: Format;
  readonly venue?: LiveName;
  readonly settings?: Partial<LiveSettings>;
  /** Frames before the client loses its connection, and those that it then misses. */
  readonly cutAt: number;
  readonly missed: number;
  /** Frames by which every book has changed after that, so that its snapshot by REST was asked for. */
  readonly settled?: number;
}

/** No secret of anybody's. */
const KEYS = { key: 'k', secret: Buffer.from('secret').toString('base64'), passphrase: 'p' };

const CAPTURES: readonly Capture[] = [
  { files: ['cryptofeed/KRAKEN.ws.50.0.gz'], format: 'kraken', settings: { mode: 'v1', depth: 1_000 }, cutAt: 1_000, missed: 500 },
  { files: ['cryptofeed/OKX.ws.1.0.gz'], format: 'okx', cutAt: 150, missed: 50 },
  { files: ['cryptofeed/COINBASE.0.gz', 'cryptofeed/COINBASE.ws.28.0.gz'], format: 'coinbase', cutAt: 3_000, missed: 1_000 },
  {
    files: ['cryptofeed/DERIBIT.0.gz', 'cryptofeed/DERIBIT.ws.1.0.gz'],
    format: 'deribit',
    settings: { mode: 'raw', keys: KEYS },
    cutAt: 60,
    missed: 10,
  },
  { files: ['coinbase-full/replay_coinbase_0.in.gz'], format: 'coinbase-full', settings: { keys: KEYS }, cutAt: 8_500, missed: 300 },
  { files: ['binance/usdm_btcusdt_20240808.gz'], format: 'binance-usdm', cutAt: 30_000, missed: 5_000 },
  { files: ['binance/cm_btcusd_perp_20240808.gz'], format: 'binance-coinm', cutAt: 20_000, missed: 5_000 },
  { files: ['binance/spot_btcusdt_20240808.gz'], format: 'binance-spot', cutAt: 20_000, missed: 5_000 },
  {
    files: ['cryptofeed/BINANCE_FUTURES.ws.1.0.gz', 'cryptofeed/BINANCE_FUTURES.http.0.0.gz'],
    format: 'binance-usdm',
    cutAt: 700,
    missed: 200,
    settled: 400,
  },
  {
    files: ['cryptofeed/BINANCE_DELIVERY.ws.1.0.gz', 'cryptofeed/BINANCE_DELIVERY.http.0.0.gz'],
    format: 'binance-coinm',
    cutAt: 2_000,
    missed: 400,
    settled: 1_600,
  },
];

/** Frames that the client has before it is cut off: fewer than any of the captures sends it until then. */
const FRAMES_SEEN = 20;
/** Levels a side that are compared: a snapshot after the cut holds only the best of a book that had gathered more. */
const LEVELS = 400;

function best(books: Map<string, string[]>): Map<string, string[]> {
  const side = (lines: readonly string[], which: string): string[] => lines.filter((line) => line.startsWith(which)).slice(0, LEVELS);
  return new Map([...books].map(([symbol, lines]) => [symbol, [...side(lines, '0 '), ...side(lines, '1 ')]]));
}

for (const { files, format, venue, settings, cutAt, missed, settled } of CAPTURES) {
  test(`${files.at(-1)}: the client's books are those of the file, through a lost connection and the changes missed meanwhile`, async () => {
    const paths = files.map(dataFile).filter((one) => one !== undefined);
    if (paths.length < files.length) return;
    const options: ServeRigOptions = {
      files: paths,
      format,
      ...(venue === undefined ? {} : { venue }),
      ...(settings === undefined ? {} : { settings }),
      pauseAt: 0,
    };
    await ServeRig.use(options, async (rig) => {
      await rig.until(() => rig.server.readers === 1);
      rig.play(cutAt);
      await rig.until(() => rig.transport.frames >= FRAMES_SEEN);
      rig.server.alone = true;
      rig.server.disconnect(1001, 'maintenance');
      await rig.until(() => rig.events.includes(CONNECTION.DISCONNECTED));
      rig.play(cutAt + missed);
      await rig.until(() => rig.transport.connections === 2 && rig.server.readers === 1);
      if (settled !== undefined) {
        const states = (): number[] => rig.feed.instruments.map(({ id }) => rig.feed.state(id));
        rig.play(cutAt + missed + settled);
        await rig.until(() => states().every((state) => state === BOOK_STATE.SYNCING || state === BOOK_STATE.LIVE));
      }
      assert.equal(best(await rig.finish()), best(await booksOfFile(paths, format)));
      assert.is(rig.transport.connections, 2);
      const counters = rig.feed.counters.snapshot();
      assert.equal(
        ['rejected_frames', 'bbo_mismatch'].map((one) => counters[one]),
        [0, 0],
      );
    });
  });
}

test.run();
