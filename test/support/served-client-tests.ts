import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import type { Format } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import type { LiveName } from '../../src/feed/live-venues.ts';
import type { MadeDialect, MadeFolder } from './made-recordings.ts';
import { booksOfFile, ServeRig, type ServeRigOptions } from './serve-rig.ts';

const CHANGES = 600;

/** A venue whose recording is served to a live client. */
export interface ServedCase {
  readonly name: string;
  readonly format: Format;
  /** Default: the format's name. */
  readonly venue?: LiveName;
  readonly dialect: MadeDialect;
  readonly settings: Partial<LiveSettings>;
  /** The timer that keeps the connection alive, on which side it runs, and what the client gets for it; absent: there is none. */
  readonly keepalive?: { readonly ms: number; readonly side: 'client' | 'server'; readonly pong: RegExp };
  /** A change of a book. */
  readonly isChange: (text: string) => boolean;
  /** False where a lost message shows in nothing, or costs nothing because each message is whole. */
  readonly showsLoss: boolean;
  readonly refusal: RegExp;
}

const isLive = (rig: ServeRig): boolean => rig.feed.instruments.every(({ id }) => rig.feed.state(id) === BOOK_STATE.LIVE);

/** What holds for a live client of every venue's served recording. */
export function servedClientTests(test: Test, folder: MadeFolder, one: ServedCase): void {
  const { name, format, venue, dialect, settings, keepalive, isChange, showsLoss, refusal } = one;
  const file = folder.write(`${name.replaceAll(' ', '-')}.txt`, dialect, CHANGES);
  let atEnd: Promise<Map<string, string[]>> | undefined;
  const truth = (): Promise<Map<string, string[]>> => (atEnd ??= booksOfFile([file], format));
  const use = (options: Partial<ServeRigOptions>, body: (rig: ServeRig) => Promise<void>): Promise<void> =>
    ServeRig.use({ files: [file], format, ...(venue === undefined ? {} : { venue }), settings, ...options }, body);

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

  if (showsLoss)
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

  test(`${name}: an unknown symbol is refused and told`, () =>
    use({ pauseAt: 10, symbols: [dialect.symbols[0]!, 'DOGE/USD'] }, async (rig) => {
      await rig.until(() => [...rig.troubles, ...rig.notes].some((text) => refusal.test(text)));
    }));

  if (keepalive !== undefined)
    test(`${name}: the connection is kept alive`, () =>
      use({ pauseAt: 10 }, async (rig) => {
        await rig.until(() => rig.server.readers === 1);
        (keepalive.side === 'client' ? rig.timers : rig.serverTimers).fire(keepalive.ms);
        await rig.until(() => rig.texts.some((text) => keepalive.pong.test(text)));
      }));

  test(`${name}: a recording that begins again drops its clients, and their books are built anew`, () =>
    use({ loop: true }, async (rig) => {
      await rig.until(() => rig.server.rounds >= 2 && isLive(rig) && rig.transport.connections >= 3);
      assert.ok(rig.transport.reconnects.byCause.closed >= 2);
    }));
}
