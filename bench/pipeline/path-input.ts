import { appendFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Session } from '../harness/session.ts';

/** Data time between the end of one run through the session and the beginning of the next. */
const PAUSE_NS = 1_000_000_000;
const NS_PER_S = 1_000_000_000;
const TIME_REST_DIGITS = 9;
const GZIP_LEVEL = 1;

/** One run through the first `frames` of the session, at `shiftNs` after the session's own times. */
export interface Lap {
  readonly frames: number;
  readonly shiftNs: number;
}

/**
 * Laps through the session one after the other, as one input: receive times go on rising, and since the update ids begin
 * anew, each lap loses its book, buffers and synchronises again, as after a reconnect.
 */
export function planLaps(session: Session, frames: readonly number[]): Lap[] {
  let shiftNs = 0;
  return frames.map((count) => {
    const lap = { frames: count, shiftNs };
    shiftNs += session.recvNs[count - 1]! + PAUSE_NS;
    return lap;
  });
}

/** Writes the laps as one capture file, for a replay by the product's own transport. */
export function writeCapture(file: string, session: Session, laps: readonly Lap[]): void {
  for (const lap of laps) appendFileSync(file, gzipSync(captureOf(session, lap), { level: GZIP_LEVEL }));
}

function captureOf(session: Session, { frames, shiftNs }: Lap): Buffer {
  const baseSeconds = Number(session.baseEpochNs / BigInt(NS_PER_S));
  const baseRestNs = Number(session.baseEpochNs % BigInt(NS_PER_S));
  const parts: Uint8Array[] = [];
  for (let i = 0; i < frames; i++) {
    const ns = session.recvNs[i]! + shiftNs + baseRestNs;
    const seconds = baseSeconds + Math.floor(ns / NS_PER_S);
    const rest = String(ns % NS_PER_S).padStart(TIME_REST_DIGITS, '0');
    parts.push(Buffer.from(`${seconds}${rest} `), session.bytes.subarray(session.starts[i]!, session.ends[i]!), NEWLINE);
  }
  return Buffer.concat(parts);
}

const NEWLINE = Uint8Array.of(10);
