import { EXIT, TickpathError } from '../core/errors.ts';
import type { Instrument } from '../core/instrument.ts';
import type { Clock } from '../core/time.ts';
import type { Feed, FeedOptions } from './feed.ts';
import type { VenueConnection } from './transport/connection.ts';
import type { Timers } from './transport/timers.ts';

/** Secrets of a venue; which of them it needs its page says. */
export interface LiveKeys {
  readonly key: string;
  readonly secret?: string;
  readonly passphrase?: string;
}

/** What configuration says of one live connection. */
export interface LiveSettings {
  readonly instruments: readonly Instrument[];
  /** Scheme, host and fixed part of the path; default: the venue's own. */
  readonly streamBase?: string;
  readonly restBase?: string;
  /** Levels a side, one of the venue's `depths`. */
  readonly depth?: number;
  /** Which of the venue's ways, one of its `modes`. */
  readonly mode?: string;
  readonly keys?: LiveKeys;
  /** A connection without a frame for so long is made again; default: the venue's. */
  readonly silenceMs?: number;
  /** A LIVE book without an event for so long becomes STALE; default: the venue's. */
  readonly bookAgeMs?: number;
}

/** Where a live connection gets everything that is not decided by its settings. */
export interface LivePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Wall clock, ms since the Unix epoch, that requests are signed with. */
  readonly epochMs: () => number;
  /** Told why a connection or a snapshot failed, and what the venue refuses. */
  readonly onTrouble?: (text: string) => void;
}

/** Settings with every default filled in, checked against what the venue offers. */
export interface LiveChoice {
  /** By instrument id. */
  readonly symbols: readonly string[];
  /** Without a slash at the end. */
  readonly streamBase: string;
  readonly restBase: string;
  readonly depth: number;
  readonly mode: string;
  readonly keys: LiveKeys | undefined;
  readonly silenceMs: number;
  readonly bookAgeMs: number;
}

/** One venue that can be connected to: a file of its own (`venue/<v>/live.ts`), and a line in `live-venues.ts`. */
export interface LiveVenue {
  readonly streamBase: string;
  /** Empty where nothing is asked for by REST. */
  readonly restBase: string;
  /** Depths and modes to choose from, the default first; empty: nothing to choose. */
  readonly depths: readonly number[];
  readonly modes: readonly string[];
  /** Keys without which the venue refuses this. */
  readonly needs?: (mode: string) => readonly (keyof LiveKeys)[];
  readonly silenceMs: number;
  readonly bookAgeMs: number;
  readonly connection: (choice: LiveChoice, ports: LivePorts) => VenueConnection;
  readonly createFeed: (options: FeedOptions, choice: LiveChoice) => Feed;
}

/** Fills in what `settings` leave open; throws ERR_LIVE naming the setting, what it is and what is expected. */
export function chooseLive(name: string, venue: LiveVenue, settings: LiveSettings): LiveChoice {
  const wrong = (field: string, found: unknown, expected: string): never => {
    throw new TickpathError('ERR_LIVE', `live ${name}: ${field} ${found}: expected ${expected}`, EXIT.USAGE);
  };
  const { instruments, depth = venue.depths[0] ?? 0, mode = venue.modes[0] ?? '', keys } = settings;
  if (instruments.length === 0) wrong('instruments', 'none', 'at least one');
  if (!venue.depths.includes(depth) && (venue.depths.length > 0 || depth !== 0))
    wrong('depth', depth, venue.depths.length === 0 ? 'none' : `one of ${venue.depths.join(', ')}`);
  if (!venue.modes.includes(mode) && (venue.modes.length > 0 || mode !== ''))
    wrong('mode', mode, venue.modes.length === 0 ? 'none' : `one of ${venue.modes.join(', ')}`);
  for (const key of venue.needs?.(mode) ?? []) if ((keys?.[key] ?? '') === '') wrong(`keys.${key}`, 'absent', 'the key of an account');
  const base = (field: 'streamBase' | 'restBase', schemes: readonly string[]): string => {
    const text = settings[field] ?? venue[field];
    if (text === '') return text;
    if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol)) wrong(field, text, `a URL with ${schemes.join(' or ')}`);
    return text.replace(/\/+$/, '');
  };
  return {
    symbols: instruments.map((one) => one.symbol),
    streamBase: base('streamBase', ['wss:', 'ws:']),
    restBase: base('restBase', ['https:', 'http:']),
    depth,
    mode,
    keys,
    silenceMs: settings.silenceMs ?? venue.silenceMs,
    bookAgeMs: settings.bookAgeMs ?? venue.bookAgeMs,
  };
}
