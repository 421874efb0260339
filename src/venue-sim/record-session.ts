import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { GENERATOR_VERSION, generateSession, SESSION_DEFAULTS, type SessionOptions } from './session.ts';

const LINES_PER_CHUNK = 512;

/** One session in `replay-data/manifest.json`. */
export interface SessionEntry {
  readonly file: string;
  readonly format: 'binance-usdm';
  readonly symbol: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly source: string;
  readonly seed: number;
  readonly durationS: number;
  /** Lines, the snapshot included. */
  readonly messages: number;
  /** Of the file as it stands. */
  readonly sha256: string;
  /** Of the uncompressed bytes: other versions of zlib compress the same bytes to other files. */
  readonly contentSha256: string;
  /** SHA-256 of the decision journal that the shipped configuration writes; null while none is recorded. */
  readonly expectedJournal: string | null;
}

export interface SessionManifest {
  readonly sessions: readonly SessionEntry[];
}

interface Tally {
  messages: number;
  readonly content: Hash;
}

/** Generates a session into the gzip file `path` and returns its manifest entry. Memory stays flat, whatever the duration. */
export async function recordSession(options: SessionOptions, path: string): Promise<SessionEntry> {
  const tally: Tally = { messages: 0, content: createHash('sha256') };
  await pipeline(Readable.from(chunks(options, tally)), createGzip({ level: 9 }), createWriteStream(path));
  const file = createHash('sha256');
  await pipeline(createReadStream(path), file);
  return {
    file: basename(path),
    format: 'binance-usdm',
    symbol: options.symbol ?? SESSION_DEFAULTS.symbol,
    tickSize: SESSION_DEFAULTS.tickSize,
    lotSize: SESSION_DEFAULTS.lotSize,
    source: `Tickpath venue-sim order-flow generator version ${GENERATOR_VERSION}, seed ${options.seed}`,
    seed: options.seed,
    durationS: options.durationNs / 1e9,
    messages: tally.messages,
    sha256: file.digest('hex'),
    contentSha256: tally.content.digest('hex'),
    expectedJournal: null,
  };
}

/** Number of lines and SHA-256 of the uncompressed bytes of a session, without writing it. */
export function digestSession(options: SessionOptions): { messages: number; contentSha256: string } {
  const tally: Tally = { messages: 0, content: createHash('sha256') };
  for (const chunk of chunks(options, tally)) void chunk;
  return { messages: tally.messages, contentSha256: tally.content.digest('hex') };
}

/** Puts `entry` into the manifest at `path` in the place of an entry of the same file. A journal hash of the same content stays. */
export function updateManifest(path: string, entry: SessionEntry): void {
  const others = readManifest(path).sessions;
  const old = others.find((session) => session.file === entry.file);
  const journal = old?.contentSha256 === entry.contentSha256 ? old.expectedJournal : entry.expectedJournal;
  const sessions = others.filter((session) => session !== old);
  sessions.push({ ...entry, expectedJournal: journal });
  sessions.sort((a, b) => (a.file < b.file ? -1 : 1));
  writeFileSync(path, `${JSON.stringify({ sessions }, null, 2)}\n`);
}

function readManifest(path: string): SessionManifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SessionManifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { sessions: [] };
    throw error;
  }
}

function* chunks(options: SessionOptions, tally: Tally): Generator<Buffer, void, undefined> {
  let lines: string[] = [];
  for (const line of generateSession(options)) {
    lines.push(line);
    if (lines.length === LINES_PER_CHUNK) {
      yield chunkOf(lines, tally);
      lines = [];
    }
  }
  if (lines.length > 0) yield chunkOf(lines, tally);
}

function chunkOf(lines: readonly string[], tally: Tally): Buffer {
  const chunk = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  tally.messages += lines.length;
  tally.content.update(chunk);
  return chunk;
}
