import { bundledSession } from '../../src/app/bundled.ts';
import type { Instrument } from '../../src/core/instrument.ts';
import { FRAME_TIME } from '../../src/core/ports.ts';
import { ManualClock } from '../../src/core/time.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { discoverInstruments } from '../../src/feed/venue/binance/discover.ts';
import { UsdmDecoder } from '../../src/feed/venue/binance-usdm/decode.hot.ts';

/** Decoders may look at bytes beyond a frame without a bound check, as transports allow them to. */
const SLACK_BYTES = 64;

/** The bundled session in memory: every frame, its receive time and its kind. */
export interface Session {
  readonly name: string;
  readonly instrument: Instrument;
  readonly baseEpochNs: bigint;
  readonly frames: number;
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** ns since the first frame. */
  readonly recvNs: Float64Array;
  /** MESSAGE. */
  readonly kinds: Uint8Array;
}

/** Reads the first `limit` frames of the bundled session through the product's own transport. */
export async function loadSession(limit: number): Promise<Session> {
  const bundled = bundledSession();
  const files = bundled.flags['input.files'] as string[];
  const texts = Object.entries(bundled.flags['instruments'] as Record<string, { tick_size: string; lot_size: string }>);
  const configured = texts.map(([symbol, text]) => ({ symbol, tickSize: text.tick_size, lotSize: text.lot_size }));
  const { instruments, baseEpochNs } = await discoverInstruments(files, configured);
  const transport = new FileTransport({ files, clock: new ManualClock(), baseEpochNs });
  const frames: Uint8Array[] = [];
  const times: number[] = [];
  await transport.run({
    onFrame: (bytes, start, end, frameTimes) => {
      frames.push(bytes.slice(start, end));
      times.push(frameTimes[FRAME_TIME.RECV_NS]!);
      if (transport.frames >= limit) transport.stop();
    },
    onConnection: () => {},
  });
  return pack(bundled.name, instruments[0]!, baseEpochNs, frames, times);
}

function pack(name: string, instrument: Instrument, baseEpochNs: bigint, frames: readonly Uint8Array[], times: readonly number[]): Session {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, SLACK_BYTES));
  const starts = new Int32Array(frames.length);
  const ends = new Int32Array(frames.length);
  const kinds = new Uint8Array(frames.length);
  const decoder = new UsdmDecoder([instrument]);
  let at = 0;
  for (const [i, frame] of frames.entries()) {
    bytes.set(frame, at);
    starts[i] = at;
    at += frame.length;
    ends[i] = at;
    decoder.decode(bytes, starts[i]!, at);
    kinds[i] = decoder.message.kind;
  }
  return { name, instrument, baseEpochNs, frames: frames.length, bytes, starts, ends, recvNs: Float64Array.from(times), kinds };
}

/** Indexes of the frames of one kind; of every kind but snapshots when `kind` is undefined. */
export function framesOf(session: Session, kind?: number): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < session.frames; i++) {
    const one = session.kinds[i]!;
    if (kind === undefined ? one !== MESSAGE.SNAPSHOT && one !== MESSAGE.NONE : one === kind) found.push(i);
  }
  return Int32Array.from(found);
}
