import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { packageFolder } from '../../src/app/bundled.ts';
import type { Instrument } from '../../src/core/instrument.ts';
import { ownFeedCounters } from '../../src/feed/counters.ts';
import { type Format, recordedFormat } from '../../src/feed/formats.ts';
import type { L2Decoder } from '../../src/feed/l2/decoder.ts';
import { DECODE, MESSAGE } from '../../src/feed/l2/status.ts';
import { SPOT } from '../../src/feed/venue/binance/dialect.ts';
import { CoinmDecoder } from '../../src/feed/venue/binance-coinm/decode.hot.ts';
import { SpotDecoder } from '../../src/feed/venue/binance-spot/decode.hot.ts';
import { UsdmDecoder } from '../../src/feed/venue/binance-usdm/decode.hot.ts';
import { BybitDecoder } from '../../src/feed/venue/bybit/decode.hot.ts';
import { CoinbaseDecoder } from '../../src/feed/venue/coinbase/decode.hot.ts';
import { FullDecoder } from '../../src/feed/venue/coinbase-full/decode.hot.ts';
import { DeribitDecoder } from '../../src/feed/venue/deribit/decode.hot.ts';
import { HyperliquidDecoder } from '../../src/feed/venue/hyperliquid/decode.hot.ts';
import { KrakenDecoder } from '../../src/feed/venue/kraken/decode.hot.ts';
import { OkxDecoder } from '../../src/feed/venue/okx/decode.hot.ts';
import { tarTexts, zipFirst } from '../../test/support/archives.ts';
import { XRPUSDT } from '../../test/support/bybit-frames.ts';
import { BTC_COIN } from '../../test/support/hyperliquid-frames.ts';
import type { Bench, BenchFindings } from '../harness/bench.ts';
import { packFrames, type Recording, readFrames } from '../harness/recording.ts';
import type { MeasuredFormat } from '../registry.ts';
import { JsonComparison } from './beside-json.ts';
import { binanceBook, bybitBook, coinbaseBook, deribitBook, hyperliquidBook, krakenBook, okxBook, type ReadBook } from './venue-books.ts';

const SMOKE_FRAMES = 1_500;

interface Case {
  /** Files below the data folder. */
  readonly files: readonly string[];
  readonly what: string;
  readonly createDecoder: (instruments: readonly Instrument[]) => L2Decoder;
  /** Absent for orders, which no book of levels takes. */
  readonly readBook?: ReadBook;
  /** How its frames are found, where that is not the way of the format. */
  readonly read?: (paths: readonly string[]) => Recording;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The recordings that the decoders are measured on, by format. They are no part of the project. */
const CASES: Readonly<Record<MeasuredFormat, Case>> = {
  'binance-usdm': {
    files: ['binance/usdm_btcusdt_20240808.gz'],
    what: 'BTCUSDT, 2024-08-08',
    createDecoder: (instruments) => new UsdmDecoder(instruments),
    readBook: binanceBook,
  },
  'binance-coinm': {
    files: ['binance/cm_btcusd_perp_20240808.gz'],
    what: 'BTCUSD_PERP, 2024-08-08',
    createDecoder: (instruments) => new CoinmDecoder(instruments),
    readBook: binanceBook,
  },
  'binance-spot': {
    files: ['binance/spot_btcusdt_20240808.gz'],
    what: 'BTCUSDT, 2024-08-08',
    createDecoder: (instruments) => new SpotDecoder(instruments, SPOT),
    readBook: binanceBook,
  },
  coinbase: {
    files: ['cryptofeed/COINBASE.ws.28.0.gz'],
    what: 'level2, ten products, 2021-04-17',
    createDecoder: (instruments) => new CoinbaseDecoder(instruments, ownFeedCounters()),
    readBook: coinbaseBook,
  },
  'coinbase-full': {
    files: [0, 1].map((number) => `coinbase-full/replay_coinbase_${number}.in.gz`),
    what: 'every order of BTC-USD, 2016-03-12, decoded only',
    createDecoder: (instruments) => ordersAsMessages(new FullDecoder(instruments)),
  },
  kraken: {
    files: ['48', '49', '50'].map((number) => `cryptofeed/KRAKEN.ws.${number}.0.gz`),
    what: 'first API, book-1000, ten pairs, 2021-04-17',
    createDecoder: (instruments) => new KrakenDecoder(instruments),
    readBook: krakenBook,
  },
  okx: {
    files: ['cryptofeed/OKX.ws.1.0.gz'],
    what: 'v5, books, tickers, trades, three instruments, 2022-05-13',
    createDecoder: (instruments) => new OkxDecoder(instruments, 'books'),
    readBook: okxBook,
  },
  bybit: {
    files: ['nautilus/bybit_2024-12-01_XRPUSDT_ob500_head.data.zip'],
    what: "v5, orderbook.500, XRPUSDT, 2024-12-01, the venue's own recording: 49 messages again and again",
    createDecoder: (instruments) => new BybitDecoder(instruments),
    readBook: bybitBook,
    read: ([path]) => ({
      instruments: [{ ...XRPUSDT, id: 0 }],
      frames: zipFirst(path!).toString('latin1').trimEnd().split(/\r?\n/).map(encode),
    }),
  },
  deribit: {
    files: ['cryptofeed/DERIBIT.ws.1.0.gz'],
    what: 'books and tickers of ten options, 2021-07-22',
    createDecoder: (instruments) => new DeribitDecoder(instruments),
    readBook: deribitBook,
  },
  hyperliquid: {
    files: ['nautilus/adapter_test_data.tar.gz'],
    what: 'three sample books as frames of the channel l2Book, again and again: no recording',
    createDecoder: (instruments) => new HyperliquidDecoder(instruments),
    readBook: hyperliquidBook,
    read: ([path]) => ({
      instruments: [{ ...BTC_COIN, priceDecimals: 2 }],
      frames: [...tarTexts(path!)]
        .filter(([name]) => /hyperliquid\/test_data\/(ws_book_data|http_l2_book_btc|http_l2_book_snapshot)\.json$/.test(name))
        .map(([, text]) => encode(JSON.stringify({ channel: 'l2Book', data: JSON.parse(text) as object }))),
    }),
  },
};

/** A format's decoder and books beside `JSON.parse`, over a recording below `TICKPATH_DATA`; skipped where that is absent. */
export function benchOf(format: MeasuredFormat): Bench {
  return async (context) => {
    const one = CASES[format];
    const paths = one.files.map(dataPath);
    const absent = paths.find((path) => !existsSync(path));
    if (absent !== undefined) return skipped(absent);
    const { instruments, frames } = one.read?.(paths) ?? (await readRecording(format, paths, context.smoke ? SMOKE_FRAMES : Infinity));
    const used = messagesOf(one.createDecoder(instruments), frames);
    const comparison = new JsonComparison(packFrames(used), instruments, one.createDecoder(instruments), one.readBook, context.smoke);
    context.pin();
    const alone = comparison.alone(context);
    const numbers = one.readBook === undefined ? { figures: {}, checks: [] } : comparison.numbers(context);
    const notes = [
      `${format}: ${one.what} (${one.files.join(', ')} below TICKPATH_DATA): ${used.length} messages`,
      'JSON.parse alone gets strings that are ready; the other side beside us makes them of bytes and turns the prices and quantities of books into numbers, not those of tickers and trades',
    ];
    return {
      figures: { ...alone.figures, ...numbers.figures },
      latencies: alone.latencies,
      checks: [...alone.checks, ...numbers.checks],
      notes,
    };
  };
}

function dataPath(name: string): string {
  const folder = process.env['TICKPATH_DATA'] ?? '../shared/data';
  return join(isAbsolute(folder) ? folder : join(packageFolder(), folder), name);
}

function skipped(path: string): BenchFindings {
  const checks = [{ what: 'recorded data', ok: true, detail: 'absent' }];
  return { figures: {}, latencies: {}, checks, notes: [`skipped: ${path} is absent`] };
}

async function readRecording(format: Format, paths: readonly string[], limit: number): Promise<Recording> {
  const { discover, createFramer } = recordedFormat(format);
  const { instruments, baseEpochNs } = await discover(paths);
  return { instruments, frames: await readFrames(paths, createFramer(), baseEpochNs, limit) };
}

/** A decoder of orders in the form of the others; its messages change no book of levels. */
function ordersAsMessages(decoder: FullDecoder): L2Decoder {
  return {
    message: decoder.message,
    more: 0,
    next: () => DECODE.BAD_JSON,
    decode: (bytes, start, end) => decoder.decode(bytes, start, end),
  };
}

/** The frames that are messages; the whole books that a recording begins with are left out where changes follow them. */
function messagesOf(decoder: L2Decoder, frames: readonly Uint8Array[]): Uint8Array[] {
  const kinds = frames.map((frame) => (decoder.decode(frame, 0, frame.length) === DECODE.OK ? decoder.message.kind : -1));
  const hasChanges = kinds.includes(MESSAGE.DEPTH);
  return frames.filter((_, i) => kinds[i]! >= 0 && !(hasChanges && kinds[i] === MESSAGE.SNAPSHOT));
}
