import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { instrumentFromText } from '../../../src/core/instrument.ts';
import { MARKET_RING_RECORDS } from '../../../src/core/limits.ts';
import { CONNECTION, FRAME_TIME, FRAME_TIMES, type FrameHandler } from '../../../src/core/ports.ts';
import { RECORD_BYTES } from '../../../src/core/records/layout.ts';
import { BOOK_STATE } from '../../../src/core/records/market.ts';
import { ringBytes, ringViews } from '../../../src/core/ring/layout.ts';
import { RingConsumer, RingProducer } from '../../../src/core/ring/spsc.hot.ts';
import { ManualClock } from '../../../src/core/time.ts';
import { dumpBook } from '../../../src/feed/book-dump.ts';
import { ownFeedCounters } from '../../../src/feed/counters.ts';
import type { Feed, FeedOptions } from '../../../src/feed/feed.ts';
import { discover, recordedFormat } from '../../../src/feed/formats.ts';
import { nodeDisk } from '../../../src/feed/segment/disk.ts';
import type { RecordingOptions } from '../../../src/feed/segment/writer.ts';
import { FileTransport } from '../../../src/feed/transport/file.ts';
import { createUsdmFeed } from '../../../src/feed/venue/binance-usdm/feed.ts';
import { sessionLines } from '../../support/cli.ts';
import { openRecording } from '../../support/recording-rig.ts';

const INSTRUMENTS = [instrumentFromText(0, { symbol: 'TPXUSDT', tickSize: '0.10', lotSize: '0.001' })];
const LINES = sessionLines(1_500);
const BASE_EPOCH_NS = BigInt(LINES[0]!.slice(0, 19)) - 1_000_000n;

interface Context {
  folder: string;
}
const test = suite<Context>('format tickpath');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'tickpath-format-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** A feed whose every market record is kept. */
class Records {
  readonly feed: Feed;
  readonly records: string[] = [];
  private readonly consumer: RingConsumer;

  constructor(createFeed: (options: FeedOptions) => Feed, baseEpochNs: bigint) {
    const views = ringViews(new SharedArrayBuffer(ringBytes(MARKET_RING_RECORDS)), 0, MARKET_RING_RECORDS);
    this.consumer = new RingConsumer(views);
    this.feed = createFeed({
      instruments: INSTRUMENTS,
      ring: new RingProducer(views),
      counters: ownFeedCounters(),
      clock: new ManualClock(),
      baseEpochNs,
      room: { waitForRoom: () => this.drain() },
    });
  }

  drain(): void {
    const { consumer } = this;
    for (let count = consumer.poll(64); count > 0; count = consumer.poll(64)) {
      for (let i = 0; i < count; i++) {
        const { buffer, byteOffset } = consumer.i32;
        this.records.push(Buffer.from(buffer, byteOffset + consumer.slot(i) * RECORD_BYTES, RECORD_BYTES).toString('hex'));
      }
      consumer.release(count);
    }
  }
}

/** What a connection delivers: the session, a loss of the connection in its middle, the session again from its beginning. */
function deliver(handler: FrameHandler): void {
  const times = new Float64Array(FRAME_TIMES);
  let shiftNs = 0;
  let timeNs = 0;
  const send = (line: string): void => {
    timeNs = shiftNs + Number(BigInt(line.slice(0, 19)) - BASE_EPOCH_NS);
    times.fill(timeNs);
    const bytes = new TextEncoder().encode(line.slice(20));
    handler.onFrame(bytes, 0, bytes.length, times);
  };
  handler.onConnection(CONNECTION.CONNECTING, 10);
  handler.onConnection(CONNECTION.CONNECTED, 20);
  for (const line of LINES.slice(0, 700)) send(line);
  handler.onConnection(CONNECTION.DISCONNECTED, timeNs + 5);
  handler.onConnection(CONNECTION.CONNECTING, timeNs + 6);
  handler.onConnection(CONNECTION.CONNECTED, timeNs + 1_000);
  shiftNs = timeNs;
  for (const line of LINES) send(line);
  handler.onConnection(CONNECTION.END, timeNs);
}

/** Records what `deliver` gives; the files and what the feed beside it made of it. */
async function record(folder: string, options: Partial<RecordingOptions> = {}): Promise<{ files: string[]; live: Records }> {
  const live = new Records(createUsdmFeed, BASE_EPOCH_NS);
  const writer = openRecording(nodeDisk, { folder, instruments: INSTRUMENTS, baseEpochNs: BASE_EPOCH_NS, ...options });
  deliver({
    onFrame: (bytes, start, end, times) => {
      writer.frame(bytes, start, end, times[FRAME_TIME.RECV_NS]!);
      live.feed.onFrame(bytes, start, end, times);
    },
    onConnection: (event, timeNs) => {
      if (event !== CONNECTION.END) writer.connectionChanged(event, timeNs, '');
      live.feed.onConnection(event, timeNs);
    },
  });
  live.drain();
  await writer.close(1e15);
  const files = readdirSync(folder).filter((name) => name.includes('.tpr'));
  return { files: files.sort().map((name) => join(folder, name)), live };
}

async function replay(files: readonly string[]): Promise<{ replayed: Records; warnings: readonly string[] }> {
  const { baseEpochNs, source } = await discover('tickpath', files);
  const recorded = recordedFormat('tickpath', source);
  const replayed = new Records(recorded.createFeed, baseEpochNs);
  const transport = new FileTransport({ files, clock: new ManualClock(), framer: recorded.createFramer(), baseEpochNs });
  await transport.run(replayed.feed);
  replayed.drain();
  assert.is(transport.nonMonotonic, 0);
  return { replayed, warnings: transport.warnings };
}

test('a replay writes the records that the live feed wrote, byte for byte, a lost connection included', async ({ folder }) => {
  const { files, live } = await record(folder);
  const { replayed, warnings } = await replay(files);
  assert.is(files.length, 1);
  assert.ok(live.records.length > 5_000);
  assert.equal(replayed.records, live.records);
  assert.is(replayed.feed.state(0), BOOK_STATE.LIVE);
  assert.is(replayed.feed.counters.snapshot()['books_synced'], 2);
  assert.equal(warnings, []);
});

test('several segments are read in sequence, packed ones among them', async ({ folder }) => {
  const { files, live } = await record(folder, { segmentBytesMax: 100_000 });
  assert.ok(files.length > 4);
  const packed = files[2]!;
  writeFileSync(`${packed}.gz`, gzipSync(readFileSync(packed)));
  files[2] = `${packed}.gz`;
  const { replayed, warnings } = await replay(files);
  assert.equal(replayed.records, live.records);
  assert.equal(warnings, []);
});

test('without one of its segments a recording gives up its books there', async ({ folder }) => {
  const { files } = await record(folder, { segmentBytesMax: 100_000 });
  const { replayed } = await replay([files[0]!, files[2]!]);
  assert.is(replayed.feed.state(0), BOOK_STATE.SUBSCRIBED_NO_SNAPSHOT);
});

test('tickpath book prints of a recording what it prints of a capture of the same frames', async ({ folder }) => {
  const writer = openRecording(nodeDisk, { folder, instruments: INSTRUMENTS, baseEpochNs: BASE_EPOCH_NS });
  writer.connectionChanged(CONNECTION.CONNECTED, 0, '');
  for (const line of LINES) {
    const bytes = new TextEncoder().encode(line.slice(20));
    writer.frame(bytes, 0, bytes.length, Number(BigInt(line.slice(0, 19)) - BASE_EPOCH_NS));
  }
  await writer.close(1e12);
  const capture = join(folder, 'capture.txt');
  writeFileSync(capture, `${LINES.join('\n')}\n`);
  const print = async (format: 'tickpath' | 'binance-usdm', file: string): Promise<string> => {
    let text = '';
    const instruments = [{ symbol: 'TPXUSDT', tickSize: '0.10', lotSize: '0.001' }];
    const write = (piece: string): void => {
      text += piece;
    };
    await dumpBook({ files: [file], format, depth: 10, every: 'event', out: 'csv', instruments, write });
    return text;
  };
  const printed = await print('tickpath', join(folder, nameIn(folder)));
  assert.is(printed, await print('binance-usdm', capture));
  assert.ok(printed.split('\n').length > 100, `${printed.split('\n').length} lines`);
});

test('a recording cut anywhere ends with a warning, or says that it is cut off', async ({ folder }) => {
  const { files, live } = await record(folder);
  const [file] = files;
  const size = readFileSync(file!).length;
  truncateSync(file!, size - 3_000);
  const cut = await replay(files);
  assert.equal(cut.replayed.records.slice(0, -1), live.records.slice(0, cut.replayed.records.length - 1));
  assert.is(cut.warnings.length, 1);
  assert.match(cut.warnings[0]!, /the last \d+ bytes, from byte \d+ on, are no whole record: the recorder was stopped there/);
  for (const bytes of [90, 31, 7, 0]) {
    truncateSync(file!, bytes);
    assert.match(await refusal(files), new RegExp(`ends after ${bytes} bytes, within its header`));
  }
  writeFileSync(file!, new Uint8Array(200));
  assert.match(await refusal(files), /this is no segment of a recording/);
});

test('a packed segment that is cut off, and one of a venue that nobody knows, are refused', async ({ folder }) => {
  const { files } = await record(folder);
  const packed = `${files[0]!}.gz`;
  const whole = gzipSync(readFileSync(files[0]!));
  writeFileSync(packed, whole.subarray(0, whole.length - 2_000));
  assert.match(await refusal([packed]), /the gzip stream is cut off/);
  const other = join(folder, 'other');
  mkdirSync(other);
  await openRecording(nodeDisk, { folder: other, venue: 'moon' }).close(1);
  assert.match(await refusal([join(other, nameIn(other))]), /a recording of "moon"; expected one of: binance-usdm, /);
});

/** Name of the only segment in a folder. */
function nameIn(folder: string): string {
  return readdirSync(folder).find((name) => name.endsWith('.tpr'))!;
}

async function refusal(files: readonly string[]): Promise<string> {
  try {
    await replay(files);
    return 'read without an error';
  } catch (error) {
    assert.instance(error, TickpathError);
    return (error as TickpathError).message;
  }
}

test.run();
