import { type CounterSpec, Counters } from '../../core/counters.ts';

/** Ids of the counters of a live MoldUDP64 stream; index into MOLD_COUNTER_SPECS. */
export const MOLD_COUNTER = {
  PACKETS: 0,
  BAD: 1,
  OTHER_SESSION: 2,
  DUPLICATES: 3,
  HELD: 4,
  DROPPED: 5,
  GAPS: 6,
  REQUESTS: 7,
  UNANSWERED: 8,
  REQUESTED: 9,
  RECOVERED: 10,
  UNRECOVERABLE: 11,
  SESSIONS: 12,
} as const;

const spec = (name: string, unit: string, help: string): CounterSpec => ({ name, unit, help });

export const MOLD_COUNTER_SPECS: readonly CounterSpec[] = [
  spec('mold_packets', 'packets', 'datagrams received, on all lines and from the request server'),
  spec('mold_bad_packets', 'packets', 'datagrams that their messages do not fill exactly; dropped whole'),
  spec('mold_other_session', 'packets', 'packets of another session than the one followed'),
  spec('mold_duplicate_packets', 'packets', 'packets without a new message, such as the second copy of two lines'),
  spec('mold_held_packets', 'packets', 'packets that came before an earlier one and were held'),
  spec('mold_dropped_packets', 'packets', 'packets that came before an earlier one and found no room; their messages are asked for'),
  spec('mold_gaps', 'events', 'times messages were found to be missing, until all had come'),
  spec('mold_requests', 'packets', 'requests sent'),
  spec('mold_requests_unanswered', 'events', 'times none of the requests sent together brought the message that comes next'),
  spec('mold_requested', 'messages', 'messages asked for, those asked for again included'),
  spec('mold_recovered', 'messages', 'messages that an answer brought first'),
  spec('mold_unrecoverable', 'messages', 'messages given up: books are discarded'),
  spec('mold_sessions', 'sessions', 'sessions followed'),
];

/** Counters in memory of their own. */
export function ownMoldCounters(): Counters {
  return new Counters(new SharedArrayBuffer(Counters.bytes(MOLD_COUNTER_SPECS.length)), 0, MOLD_COUNTER_SPECS);
}
