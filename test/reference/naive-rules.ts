import type { NaiveRule, SyncMessage } from './naive-sync.ts';

/** The sequence rules of the venues as their documentation has them, one expression each where that is possible. */

/** Binance spot, JSON and SBE: `U <= id + 1 <= u`. */
export const SPOT_RULE: NaiveRule = {
  snapshot: 'asked',
  follows: ({ first, last }, { last: id }) => (first > last ? 'gap' : last <= id ? 'old' : first > id + 1 ? 'gap' : 'next'),
  held: ({ last }, { last: id }) => last <= id,
  joins: ({ first }, { last: id }) => first <= id + 1,
};

/** Coinbase's channel `full`: the last number plus one; a snapshot by request. */
export const CONTIGUOUS_RULE: NaiveRule = {
  snapshot: 'asked',
  follows: ({ last }, { last: id }) => (last <= id ? 'old' : last === id + 1 ? 'next' : 'gap'),
  held: ({ last }, { last: id }) => last <= id,
  joins: ({ last }, { last: id }) => last === id + 1,
};

/** Binance futures: `pu` is `u` of the message before; ids are shared by all symbols, so a snapshot's may fall between two messages. */
export const FUTURES_RULE: NaiveRule = {
  snapshot: 'asked',
  follows: ({ first, last, previous }, { last: id }) => (first <= last && previous === id ? 'next' : 'gap'),
  held: ({ last }, { last: id }) => last < id,
  joins: ({ first, previous }, { last: id }) => first <= id || previous <= id,
};

/** Whole books numbered by `lastUpdateId`, or by their time. */
export const WHOLE_RULE: NaiveRule = {
  snapshot: 'every',
  follows: ({ last }, { last: id }) => (last < id ? 'old' : 'next'),
};

const isOlder = (a: SyncMessage, b: SyncMessage): boolean => a.last > 0 && a.last < b.last && a.timeMs < b.timeMs;

/** Deribit and OKX with the snapshot of the stream: each change names the one before it. */
export const LINKED_RULE: NaiveRule = {
  snapshot: 'stream',
  follows: ({ previous }, { last: id }) => (previous === id ? 'next' : 'gap'),
  isStale: isOlder,
};

/**
 * OKX by REST: drop what the snapshot holds, then `prevSeqId <= seqId of the snapshot < seqId`, then links. A keep-alive of the
 * snapshot's own number joins it: nothing changed since.
 */
export const OKX_REST_RULE: NaiveRule = {
  snapshot: 'asked',
  follows: LINKED_RULE.follows,
  held: ({ last, previous }, { last: id }) => last >= previous && last <= id && previous !== id,
  joins: ({ last, previous }, { last: id }) => previous === id || (previous < id && id < last),
  beginsAnew: ({ last, previous }) => last < previous,
};

/** Before OKX numbered its messages: checksum and time. */
export const OKX_CHECKSUM_RULE: NaiveRule = {
  snapshot: 'stream',
  follows: ({ timeMs }, last) => (timeMs < last.timeMs ? 'gap' : 'next'),
};

/** Whole books ordered by their time alone. */
export const TIMED_WHOLE_RULE: NaiveRule = {
  snapshot: 'every',
  follows: ({ timeMs }, last) => (timeMs < last.timeMs ? 'old' : 'next'),
};

/** Bybit: `u` grows by one; 1 begins anew; `seq` grows with it, or numbers began anew without telling. */
export const BYBIT_RULE: NaiveRule = {
  snapshot: 'stream',
  follows: ({ last, sequence }, before) => {
    if (last === 1) return 'gap';
    if (last <= before.last) return sequence > before.sequence ? 'gap' : 'old';
    return last === before.last + 1 && sequence >= before.sequence ? 'next' : 'gap';
  },
  isStale: isOlder,
};

/** Nothing is numbered; times that run backwards show what came out of order. */
export const TIMED_RULE: NaiveRule = {
  snapshot: 'stream',
  follows: ({ last }, before) => (last !== 0 && last < before.last ? 'gap' : 'next'),
  isStale: isOlder,
};
