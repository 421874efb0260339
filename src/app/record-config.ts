import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { EXIT, TickpathError } from '../core/errors.ts';
import { instrumentFromText } from '../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../core/limits.ts';
import type { LiveKeys, LiveSettings } from '../feed/live.ts';
import { LIVE_VENUES } from '../feed/live-venues.ts';
import { COMPRESS } from '../feed/segment/disk.ts';
import { ZSTD_NATIVE } from '../feed/transport/zstd.ts';
import { type ConfigFlags, resolveBy, type Variables } from './config.ts';

const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'expected a plain decimal number');
const url = z.string().min(1);

/** Every key that the configuration of a recording may have; docs/record.md describes each. */
export const RecordConfigSchema = z.strictObject({
  venue: z.enum(LIVE_VENUES),
  instruments: z
    .record(z.string().min(1), z.strictObject({ tick_size: decimal, lot_size: decimal }))
    .refine((value) => Object.keys(value).length >= 1, 'expected at least one instrument')
    .refine((value) => Object.keys(value).length <= INSTRUMENTS_MAX, `expected at most ${INSTRUMENTS_MAX} instruments`),
  connection: z.strictObject({
    stream: url.optional(),
    rest: url.optional(),
    depth: z.number().int().min(1).optional(),
    mode: z.string().min(1).optional(),
    silence_ms: z.number().int().min(100).max(3_600_000).optional(),
    book_age_ms: z.number().int().min(100).max(3_600_000).optional(),
    keys_file: z.string().min(1).optional(),
  }),
  record: z.strictObject({
    dir: z.string().min(1),
    segment_mb: z.number().int().min(1).max(16_384),
    segment_minutes: z.number().min(0.01).max(10_080),
    sync_ms: z.number().int().min(0).max(600_000),
    compress: z.enum(COMPRESS).refine((how) => how !== 'zstd' || ZSTD_NATIVE, 'zstd needs Node 22.15 or later; expected none or gzip'),
  }),
});
export type RecordConfig = z.infer<typeof RecordConfigSchema>;

export const RECORD_DEFAULTS = {
  connection: {},
  // A segment is what is lost to a corrupt byte at most, and what is packed at once: an hour of a busy instrument or less.
  // Forced to the disk once a second: a machine that loses power costs a second, a disk is not kept busy for it.
  record: { dir: 'recordings', segment_mb: 256, segment_minutes: 60, sync_ms: 1_000, compress: 'none' },
} as const;

const VARIABLES: Variables = { TICKPATH_RECORD_DIR: { path: 'record.dir', number: false } };

/** Resolves the configuration of a recording; throws `ERR_CONFIG` with every problem at once. */
export function resolveRecordConfig(
  file: string | undefined,
  flags: ConfigFlags,
  environment: Readonly<Record<string, string | undefined>>,
): RecordConfig {
  return resolveBy(RecordConfigSchema, { ...RECORD_DEFAULTS }, VARIABLES, { file, flags, environment });
}

/** What a live connection is made from. */
export function liveSettings({ instruments, connection }: RecordConfig): LiveSettings {
  const { stream, rest, depth, mode, silence_ms: silenceMs, book_age_ms: bookAgeMs, keys_file: keysFile } = connection;
  return {
    instruments: Object.entries(instruments).map(([symbol, text], id) =>
      instrumentFromText(id, { symbol, tickSize: text.tick_size, lotSize: text.lot_size }),
    ),
    ...(stream === undefined ? {} : { streamBase: stream }),
    ...(rest === undefined ? {} : { restBase: rest }),
    ...(depth === undefined ? {} : { depth }),
    ...(mode === undefined ? {} : { mode }),
    ...(silenceMs === undefined ? {} : { silenceMs }),
    ...(bookAgeMs === undefined ? {} : { bookAgeMs }),
    ...(keysFile === undefined ? {} : { keys: readKeys(keysFile) }),
  };
}

/** Keys are read from a file that nobody else can read, and stand in no configuration, environment or log. */
function readKeys(file: string): LiveKeys {
  const wrong = (what: string): never => {
    throw new TickpathError('ERR_KEYS', `${file}: ${what}`, EXIT.USAGE);
  };
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return wrong('no such file of keys');
  if ((stat.mode & 0o077) !== 0) return wrong(`mode ${(stat.mode & 0o777).toString(8)} lets others read the keys; expected 600`);
  let keys: Partial<Record<keyof LiveKeys, unknown>>;
  try {
    keys = JSON.parse(readFileSync(file, 'utf8')) as typeof keys;
  } catch {
    return wrong('expected JSON with key, secret and passphrase as the venue asks for');
  }
  const { key, secret, passphrase } = keys ?? {};
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  if (typeof key !== 'string' || !isText(secret) || !isText(passphrase)) return wrong('expected key, secret and passphrase as text');
  return {
    key,
    ...(secret === undefined ? {} : { secret: secret as string }),
    ...(passphrase === undefined ? {} : { passphrase: passphrase as string }),
  };
}
