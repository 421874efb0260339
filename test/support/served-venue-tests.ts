import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../src/core/ports.ts';
import { BOOK_STATE } from '../../src/core/records/market.ts';
import type { Format } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import { type LiveName, liveVenue } from '../../src/feed/live-venues.ts';
import type { MadeDialect, MadeFolder } from './made-recordings.ts';
import { booksOfFile, ServeRig, type ServeRigOptions } from './serve-rig.ts';

const CHANGES = 300;
/** Long beside the age at which a book is stale. */
const SILENCE_MS = 1_000_000;

/** A venue that both sides of the project speak. */
export interface ServedVenueCase {
  readonly name: string;
  readonly format: Format;
  /** Default: the format's name. */
  readonly venue?: LiveName;
  readonly dialect: MadeDialect;
  readonly settings: Partial<LiveSettings>;
  /** What the client's keepalive is answered with, where it is a message. */
  readonly pong?: RegExp;
  /** False: the server asks for a sign of life, not the client. */
  readonly clientAsks?: false;
  /** A change of a book. */
  readonly isChange: (text: string) => boolean;
  /** False where a lost message shows in nothing, or costs nothing because each message is whole. */
  readonly showsLoss?: false;
  /** What is told of a symbol that the recording does not have; absent where the venue stays silent. */
  readonly refusal?: RegExp;
}

const isLive = (rig: ServeRig): boolean => rig.feed.instruments.every(({ id }) => rig.feed.state(id) === BOOK_STATE.LIVE);

/** Tests of a live client of a served recording, over real sockets. */
export function servedVenueTests(test: Test, folder: MadeFolder, one: ServedVenueCase): void {
  const { name, format, venue, dialect, settings, pong, clientAsks, isChange, showsLoss, refusal } = one;
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
      rig.play(150);
      await rig.until(() => rig.transport.connections === 2);
      assert.is(rig.transport.reconnects.byCause.closed, 1);
      await rig.sync();
      assert.equal(await rig.finish(), await truth());
    }));

  if (showsLoss !== false)
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
      await rig.until(
        () => rig.texts.length > 0 && (refusal === undefined || [...rig.troubles, ...rig.notes].some((text) => refusal.test(text))),
      );
      assert.ok(
        rig.notes.some((text) => /doge\/usd/i.test(text)),
        'the server says so too',
      );
      assert.is.not(rig.feed.state(1), BOOK_STATE.LIVE);
      if (pong === undefined) return;
      if (clientAsks === false) await rig.until(() => rig.server.readers === 1);
      (clientAsks === false ? rig.serverTimers : rig.timers).fire();
      await rig.until(() => rig.texts.some((text) => pong.test(text)));
    }));

  test(`${name}: books without a change on a connection that is alive become STALE, and LIVE with the next change`, () =>
    use({ pauseAt: 0, settings: { ...settings, silenceMs: SILENCE_MS } }, async (rig) => {
      const { bookAgeMs } = liveVenue(venue ?? (format as LiveName));
      const states = (): number[] => rig.feed.instruments.map(({ id }) => rig.feed.state(id));
      await rig.sync();
      rig.clock.set(bookAgeMs * 1e6);
      rig.timers.fire(SILENCE_MS / 4);
      assert.ok(isLive(rig));
      rig.clock.set(bookAgeMs * 1e6 + 1e6);
      rig.timers.fire(SILENCE_MS / 4);
      assert.equal(
        states(),
        states().map(() => BOOK_STATE.STALE),
      );
      await rig.sync();
      assert.equal(await rig.finish(), await truth());
      const counters = rig.feed.counters.snapshot();
      assert.equal([counters['books_stale'], counters['book_gaps'], rig.transport.connections], [states().length, 0, 1]);
    }));

  test(`${name}: a recording that begins again drops its clients, and their books are built anew`, () =>
    use({ loop: true }, async (rig) => {
      await rig.until(() => {
        // Many rounds ask for many snapshots: time must pass for the venue's budget of requests to fill again.
        rig.clock.set(rig.clock.nowNs() + 5e6);
        return rig.server.rounds >= 2 && isLive(rig) && rig.transport.connections >= 3;
      });
      assert.ok(rig.transport.reconnects.byCause.closed >= 2);
    }));
}
