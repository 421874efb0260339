import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../../src/core/ports.ts';
import { BOOK_STATE } from '../../../src/core/records/market.ts';
import type { Format } from '../../../src/feed/formats.ts';
import type { LiveSettings } from '../../../src/feed/live.ts';
import {
  MADE_KRAKEN_V1,
  MADE_KRAKEN_V2,
  MADE_OKX,
  MADE_OKX_CHECKSUM,
  type MadeDialect,
  MadeFolder,
} from '../../support/made-recordings.ts';
import { booksOfFile, ServeRig, type ServeRigOptions } from '../../support/serve-rig.ts';

const test = suite('a live client of a served recording');
const folder = new MadeFolder();
test.after(() => folder.remove());

const CHANGES = 600;

interface Case {
  readonly name: string;
  readonly format: Format;
  readonly dialect: MadeDialect;
  readonly settings: Partial<LiveSettings>;
  /** What the client's keepalive is answered with. */
  readonly pong: RegExp;
  /** A change of a book. */
  readonly isChange: (text: string) => boolean;
  readonly refusal: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'Kraken v1',
    format: 'kraken',
    dialect: MADE_KRAKEN_V1,
    settings: { mode: 'v1' },
    pong: /"event":"pong"/,
    isChange: (text) => text.includes('"c":"'),
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'Kraken v2',
    format: 'kraken',
    dialect: MADE_KRAKEN_V2,
    settings: {},
    pong: /"method":"pong"/,
    isChange: (text) => text.includes('"type":"update"') && text.includes('"book"'),
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'OKX',
    format: 'okx',
    dialect: MADE_OKX,
    settings: {},
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX by REST',
    format: 'okx',
    dialect: MADE_OKX,
    settings: { mode: 'books-rest' },
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX before its numbers',
    format: 'okx',
    dialect: MADE_OKX_CHECKSUM,
    settings: {},
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
];

const isLive = (rig: ServeRig): boolean => rig.feed.instruments.every(({ id }) => rig.feed.state(id) === BOOK_STATE.LIVE);

for (const { name, format, dialect, settings, pong, isChange, refusal } of CASES) {
  const file = folder.write(`${name.replaceAll(' ', '-')}.txt`, dialect, CHANGES);
  let atEnd: Promise<Map<string, string[]>> | undefined;
  const truth = (): Promise<Map<string, string[]>> => (atEnd ??= booksOfFile([file], format));
  const use = (options: Partial<ServeRigOptions>, body: (rig: ServeRig) => Promise<void>): Promise<void> =>
    ServeRig.use({ files: [file], format, settings, ...options }, body);

  test(`${name}: subscribe, snapshot, changes: at the end the books are those of the file`, () =>
    use({ pauseAt: 0 }, async (rig) => {
      await rig.sync();
      assert.equal(await rig.finish(), await truth());
      const counters = rig.feed.counters.snapshot();
      assert.equal([counters['book_gaps'], counters['books_stale'], counters['rejected_frames']], [0, 0, 0]);
    }));

  test(`${name}: after a disconnect in mid-stream and changes that were missed the books are right again`, () =>
    use({ pauseAt: 0 }, async (rig) => {
      await rig.sync();
      rig.server.alone = true;
      rig.server.disconnect(1001, 'maintenance');
      await rig.until(() => rig.events.includes(CONNECTION.DISCONNECTED));
      rig.play(300);
      await rig.until(() => rig.transport.connections === 2);
      assert.is(rig.transport.reconnects.byCause.closed, 1);
      await rig.sync();
      assert.equal(await rig.finish(), await truth());
    }));

  test(`${name}: a message lost on the way costs that book, which is asked for again`, () => {
    let seen = 0;
    const onFrame = (text: string): string | undefined => (isChange(text) && ++seen === 100 ? undefined : text);
    return use({ onFrame, pauseAt: 0 }, async (rig) => {
      await rig.sync();
      const lost = (): number => rig.feed.counters.snapshot()['book_gaps']! + rig.feed.counters.snapshot()['books_stale']!;
      rig.play(150);
      await rig.until(() => lost() > 0);
      await rig.sync();
      assert.is(rig.transport.connections, 1);
      assert.equal(await rig.finish(), await truth());
    });
  });

  test(`${name}: the keepalive is answered, and an unknown symbol is refused and told`, () =>
    use({ pauseAt: 10, symbols: [dialect.symbols[0]!, 'DOGE/USD'] }, async (rig) => {
      await rig.until(() => rig.troubles.some((text) => refusal.test(text)));
      rig.timers.fire(format === 'kraken' ? 20_000 : 15_000);
      await rig.until(() => rig.texts.some((text) => pong.test(text)));
    }));

  test(`${name}: a recording that begins again drops its clients, and their books are built anew`, () =>
    use({ loop: true }, async (rig) => {
      await rig.until(() => rig.server.rounds >= 2 && isLive(rig) && rig.transport.connections >= 3);
      assert.ok(rig.transport.reconnects.byCause.closed >= 2);
    }));
}

test.run();
