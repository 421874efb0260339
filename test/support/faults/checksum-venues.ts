import type { Instrument } from '../../../src/core/instrument.ts';
import type { Prng } from '../../../src/core/prng.ts';
import { SIDE } from '../../../src/core/records/market.ts';
import { createKrakenFeed } from '../../../src/feed/venue/kraken/feed.ts';
import { createOkxFeed } from '../../../src/feed/venue/okx/feed.ts';
import type { OkxBooks } from '../../../src/feed/venue/okx/modes.ts';
import { checksumText, naiveChecksum } from '../../reference/naive-checksums.ts';
import { naiveKraken } from '../../reference/naive-kraken.ts';
import { naiveOkx } from '../../reference/naive-okx.ts';
import { LINKED_RULE, OKX_CHECKSUM_RULE, OKX_REST_RULE, TIMED_WHOLE_RULE } from '../../reference/naive-rules.ts';
import type { NaiveRule } from '../../reference/naive-sync.ts';
import * as kraken from '../kraken-frames.ts';
import * as okx from '../okx-frames.ts';
import type { FaultCase } from './check.ts';
import { Numbers, syncResult, Times } from './level-venues.ts';
import { cut, priceText, qtyText, type Sides, textLevels, textSide } from './market.ts';
import { type LevelFormat, LevelVenue } from './venue.ts';

const textDecoder = new TextDecoder();
const KRAKEN_COVERED = 10;
const OKX_COVERED = 25;

type Pairs = readonly (readonly [number, number])[];

function krakenChecksum(instrument: Instrument, bids: Pairs, asks: Pairs): number {
  return naiveChecksum(checksumText(instrument, textSide(instrument, bids), textSide(instrument, asks)));
}

/** `DECIMALS` of a pair are those of its text, so prices and quantities are written in full. */
const KRAKEN_BOOKS = [
  { ...kraken.BTC_USD, id: 0 },
  { ...kraken.MATIC_USD, id: 1 },
];

const krakenTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '123Z');

function krakenFormat(prng: Prng, depth: number): LevelFormat {
  const books = KRAKEN_BOOKS;
  const times = new Times(1_696_613_755_440);
  const text = (type: 'snapshot' | 'update', i: number, bids: [string, string][], asks: [string, string][], sides: Sides): string => {
    const checksum = krakenChecksum(books[i]!, sides[0], sides[1]);
    return kraken.bookText(type, { bids, asks, checksum, symbol: books[i]!.symbol, time: krakenTime(times.next()) });
  };
  return {
    instruments: books,
    snapshots: 'stream',
    depth,
    depthFrame: (i, _from, _to, changes, sides) =>
      text('update', i, textLevels(books[i]!, changes, SIDE.BUY), textLevels(books[i]!, changes, SIDE.SELL), sides),
    snapshotFrame: (i, _version, sides) => text('snapshot', i, textSide(books[i]!, sides[0]), textSide(books[i]!, sides[1]), sides),
    otherFrame: (i, version) => {
      const { symbol } = books[i]!;
      if (prng.nextInt(2) === 0) return kraken.tickerText(['0.1', '1'], ['0.2', '1'], symbol);
      return kraken.tradeText('update', kraken.tradeElement(1 + version, '0.5', '1', 'buy', symbol));
    },
  };
}

/** The first API names pairs in one channel a book; its snapshot has no checksum. */
function krakenFirstFormat(depth: number): LevelFormat {
  const books = KRAKEN_BOOKS;
  const times = new Times(1_618_678_131_000);
  const dated = (levels: readonly (readonly [string, string])[], time: string): kraken.FirstLevel[] =>
    levels.map(([price, qty]) => [price, qty, time]);
  const seconds = (): string => {
    const ms = times.next();
    return `${Math.floor(ms / 1000)}.${`${ms % 1000}`.padStart(3, '0')}000`;
  };
  return {
    instruments: books,
    snapshots: 'stream',
    depth,
    depthFrame: (i, _from, _to, changes, [bids, asks]) => {
      const time = seconds();
      const a = dated(textLevels(books[i]!, changes, SIDE.SELL), time);
      const b = dated(textLevels(books[i]!, changes, SIDE.BUY), time);
      const c = `${krakenChecksum(books[i]!, bids, asks)}`;
      const { symbol } = books[i]!;
      if (a.length > 0 && b.length > 0) return kraken.firstChange([{ a }, { b, c }], depth, symbol);
      return kraken.firstChange([a.length > 0 ? { a, c } : { b, c }], depth, symbol);
    },
    snapshotFrame: (i, _version, [bids, asks]) => {
      const time = seconds();
      return kraken.firstSnapshot(dated(textSide(books[i]!, bids), time), dated(textSide(books[i]!, asks), time), depth, books[i]!.symbol);
    },
    otherFrame: (i) => kraken.firstTrades([['0.5', '1', '1618678142.557535', 's', 'l', '']], books[i]!.symbol),
  };
}

/** Checksums, which the naive decoder does not tell, and what a book of another depth says. */
const decodeKraken =
  (depth: number): FaultCase['decode'] =>
  (bytes, { instruments }) => {
    const text = textDecoder.decode(bytes);
    const other = new RegExp(`"book-(?!${depth}")`).test(text);
    return naiveKraken(text, instruments).map((one) => {
      // A book of another depth may be refused or be told to be none of ours: that depends on which is seen first.
      if ((one === 'refused' || one === 'other') && other) return 'untaken';
      if (typeof one === 'string' || (one.kind !== 'depth' && one.kind !== 'snapshot')) return syncResult(one);
      const frame = JSON.parse(text) as { data: { checksum: number }[] } | unknown[];
      if (!Array.isArray(frame)) return syncResult(one, { checksum: frame.data[0]!.checksum });
      const named = Number(/^book-(\d{1,5})$/.exec(frame.at(-2) as string)?.[1] ?? 0);
      if (named === 0) return 'refused';
      if (named !== depth) return 'other';
      if (one.kind === 'snapshot') return syncResult(one);
      const all = frame.slice(1, -2).flatMap((part) => ((part as { c?: unknown }).c === undefined ? [] : [(part as { c: unknown }).c]));
      // One checksum, a number of digits alone.
      if (all.length !== 1 || !/^(0|[1-9]\d*)$/.test(String(all[0]))) return 'refused';
      return syncResult(one, { checksum: Number(all[0]) });
    });
  };

const krakenRule = (depth: number): NaiveRule => ({
  snapshot: 'stream',
  depth,
  follows: ({ last }, before) => (last !== 0 && last < before.last ? 'gap' : 'next'),
  checksum: (i, bids, asks) => krakenChecksum(KRAKEN_BOOKS[i]!, bids, asks),
});

const OKX_INSTRUMENTS = [okx.BTC_USDT, okx.UNI_SWAP];
/** Decimals as OKX writes them: none that are not needed. */
const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
const trimmedSide = (levels: [string, string][]): [string, string][] => levels.map(([price, qty]) => [trimmed(price), trimmed(qty)]);

/** CRC32 of the best 25 levels, bid and ask in turn, price and quantity as they are written, joined by colons; signed. */
function okxChecksum(i: number, bids: Pairs, asks: Pairs): number {
  const instrument = OKX_INSTRUMENTS[i]!;
  const level = (one: readonly [number, number] | undefined): string[] =>
    one === undefined ? [] : [trimmed(priceText(instrument, one[0])), trimmed(qtyText(instrument, one[1]))];
  const [topBids, topAsks] = cut([bids, asks], OKX_COVERED);
  const texts = Array.from({ length: OKX_COVERED }, (_, at) => [...level(topBids[at]), ...level(topAsks[at])]).flat();
  return naiveChecksum(texts.join(':')) | 0;
}

interface OkxStyle {
  readonly books: OkxBooks;
  /** Numbers, checksums, or both. */
  readonly numbered: boolean;
  readonly checksums: boolean;
}

function okxFormat(prng: Prng, { books, numbered, checksums }: OkxStyle): LevelFormat {
  const ids = new Numbers(2, 10, () => 1 + prng.nextInt(5));
  const times = new Times(1_652_459_225_381);
  const text = (
    i: number,
    bids: [string, string][],
    asks: [string, string][],
    id: number,
    previous: number,
    sides: Sides,
  ): okx.BookText => ({
    bids: trimmedSide(bids),
    asks: trimmedSide(asks),
    ts: `${times.next()}`,
    ...(numbered ? { seqId: id, prevSeqId: previous } : {}),
    ...(checksums ? { checksum: okxChecksum(i, sides[0], sides[1]) } : {}),
  });
  const whole = (i: number, version: number, sides: Sides): okx.BookText => {
    const instrument = OKX_INSTRUMENTS[i]!;
    return text(i, textSide(instrument, sides[0]), textSide(instrument, sides[1]), ids.of(i, version), -1, sides);
  };
  const isWhole = books === 'books5' || books === 'bbo-tbt';
  return {
    instruments: OKX_INSTRUMENTS,
    snapshots: isWhole ? 'every' : books === 'books-rest' ? 'asked' : 'stream',
    ...(isWhole ? { depth: books === 'books5' ? 5 : 1 } : {}),
    depthFrame: (i, from, to, changes, sides) => {
      const instrument = OKX_INSTRUMENTS[i]!;
      const { symbol } = instrument;
      if (isWhole) return okx.wholeText(books, whole(i, to, sides), symbol);
      const [bids, asks] = [textLevels(instrument, changes, SIDE.BUY), textLevels(instrument, changes, SIDE.SELL)];
      return okx.bookText('update', text(i, bids, asks, ids.of(i, to), ids.of(i, from), sides), symbol);
    },
    snapshotFrame: (i, version, sides) => {
      const { symbol } = OKX_INSTRUMENTS[i]!;
      if (books === 'books-rest') return okx.restText(whole(i, version, sides), symbol);
      return isWhole ? okx.wholeText(books, whole(i, version, sides), symbol) : okx.bookText('snapshot', whole(i, version, sides), symbol);
    },
    otherFrame: (i) => {
      const { symbol } = OKX_INSTRUMENTS[i]!;
      if (prng.nextInt(2) === 0) return okx.tickerText(['1', '2'], ['2', '3'], symbol);
      return okx.tradeText([['338476375', '30', '88', 'buy']], symbol);
    },
  };
}

const decodeOkx =
  (books: OkxBooks): FaultCase['decode'] =>
  (bytes, { instruments }) => {
    const text = textDecoder.decode(bytes);
    return naiveOkx(books)(text, instruments).map((one) => {
      if (typeof one === 'string' || (one.kind !== 'depth' && one.kind !== 'snapshot')) return syncResult(one);
      const frame = JSON.parse(text) as { data: { checksum?: unknown }[] | { data: { checksum?: unknown }[] } };
      const { checksum } = (Array.isArray(frame.data) ? frame.data : frame.data.data)[0]!;
      if (checksum === undefined) return syncResult(one);
      if (typeof checksum !== 'number' || !Number.isSafeInteger(checksum)) return 'refused';
      return syncResult(one, { checksum: checksum === 0 ? null : checksum });
    });
  };

const okxCase = (name: string, style: OkxStyle, more: Pick<FaultCase, 'reveals' | 'rule'> & { covered?: number }): FaultCase => ({
  name,
  createVenue: (prng) => new LevelVenue(okxFormat(prng, style), prng),
  createFeed: (options) => createOkxFeed({ ...options, books: style.books }),
  decode: decodeOkx(style.books),
  ...more,
});

export const CHECKSUM_CASES: readonly FaultCase[] = [
  {
    name: 'kraken',
    reveals: 'covered levels',
    covered: KRAKEN_COVERED,
    createVenue: (prng) => new LevelVenue(krakenFormat(prng, 25), prng),
    createFeed: (options) => createKrakenFeed({ ...options, depth: 25 }),
    decode: decodeKraken(25),
    rule: krakenRule(25),
  },
  {
    name: 'kraken v1',
    reveals: 'covered levels',
    covered: KRAKEN_COVERED,
    createVenue: (prng) => new LevelVenue(krakenFirstFormat(10), prng),
    createFeed: (options) => createKrakenFeed({ ...options, depth: 10 }),
    decode: decodeKraken(10),
    rule: krakenRule(10),
  },
  okxCase('okx', { books: 'books', numbered: true, checksums: false }, { reveals: 'every message', rule: LINKED_RULE }),
  okxCase(
    'okx checksum',
    { books: 'books', numbered: false, checksums: true },
    { reveals: 'covered levels', covered: OKX_COVERED, rule: { ...OKX_CHECKSUM_RULE, checksum: okxChecksum } },
  ),
  okxCase(
    'okx numbers and checksum',
    { books: 'books', numbered: true, checksums: true },
    { reveals: 'every message', rule: { ...LINKED_RULE, checksum: okxChecksum } },
  ),
  okxCase('okx rest', { books: 'books-rest', numbered: true, checksums: false }, { reveals: 'every message', rule: OKX_REST_RULE }),
  okxCase('okx books5', { books: 'books5', numbered: true, checksums: false }, { reveals: 'nothing missing', rule: TIMED_WHOLE_RULE }),
];
