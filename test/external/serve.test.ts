import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import type { Format } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import { dataFile } from '../support/data.ts';
import { bestOf, booksOfFile, ServeRig } from '../support/serve-rig.ts';

interface Recording {
  readonly name: string;
  readonly format: Format;
  readonly files: readonly string[];
  readonly settings?: Partial<LiveSettings>;
  /**
   * Frame at which everyone is disconnected, that at which the client may come again, and one by which every book has changed after
   * that, so that its snapshot was asked for.
   */
  readonly cut: readonly [at: number, until: number, settled: number];
  /** Books that are LIVE at the end. */
  readonly books: number;
  /** Checksums that the client must have compared, at least. */
  readonly applied: number;
}

/** Levels a side that are compared: a snapshot by REST holds 1,000, the books of a file may hold more. */
const LEVELS = 500;

const RECORDINGS: readonly Recording[] = [
  {
    name: 'Kraken, API v1',
    format: 'kraken',
    files: ['48', '49', '50'].map((number) => `cryptofeed/KRAKEN.ws.${number}.0.gz`),
    settings: { mode: 'v1', depth: 1_000 },
    cut: [1_500, 2_000, 2_000],
    books: 10,
    applied: 3_000,
  },
  { name: 'OKX', format: 'okx', files: ['cryptofeed/OKX.ws.1.0.gz'], cut: [150, 200, 200], books: 3, applied: 150 },
  {
    name: 'Binance USD-M',
    format: 'binance-usdm',
    files: ['cryptofeed/BINANCE_FUTURES.ws.1.0.gz', 'cryptofeed/BINANCE_FUTURES.http.0.0.gz'],
    cut: [700, 900, 1_300],
    books: 4,
    applied: 100,
  },
  {
    name: 'Binance COIN-M',
    format: 'binance-coinm',
    files: ['cryptofeed/BINANCE_DELIVERY.ws.1.0.gz', 'cryptofeed/BINANCE_DELIVERY.http.0.0.gz'],
    cut: [2_000, 2_400, 4_000],
    books: 10,
    applied: 300,
  },
  {
    name: 'Binance spot',
    format: 'binance-spot',
    files: ['binance/spot_btcusdt_20240808.gz'],
    cut: [20_000, 22_000, 24_000],
    books: 1,
    applied: 2_000,
  },
];

for (const { name, format, files: names, settings = {}, cut, books, applied } of RECORDINGS) {
  test(`${name}: a live client of the served recording, cut off in mid-stream, ends with the books of the file`, async () => {
    const files = names.map((one) => dataFile(one)).filter((one) => one !== undefined);
    if (files.length < names.length) return;
    await ServeRig.use({ files, format, settings, pauseAt: cut[0] }, async (rig) => {
      const states = (): number[] => rig.feed.instruments.map(({ id }) => rig.feed.state(id));
      await rig.until(() => rig.server.playback.frames === cut[0]);
      rig.server.alone = true;
      rig.server.disconnect(1001, 'maintenance');
      await rig.until(() => rig.events.includes(CONNECTION.DISCONNECTED));
      rig.play(cut[1]);
      await rig.until(() => rig.transport.connections === 2);
      rig.play(cut[2]);
      await rig.until(() => states().every((state) => state === BOOK_STATE.SYNCING || state === BOOK_STATE.LIVE));
      const found = await rig.finish();
      assert.equal(bestOf(found, LEVELS), bestOf(await booksOfFile(files, format), LEVELS));
      assert.is([...found.values()].filter((lines) => lines.length > 0).length, books);
      const counters = rig.feed.counters.snapshot();
      const broken = ['book_gaps', 'books_stale', 'rejected_frames', 'bbo_mismatch'].map((one) => counters[one]);
      assert.equal(broken, [0, 0, 0, 0]);
      assert.ok(counters['depth_applied']! >= applied, `${counters['depth_applied']} applied`);
    });
  });
}

test.run();
