import { BOOK_STATE } from '../core/records/market.ts';
import { rejectText } from '../feed/reject-names.ts';
import type { RejectSample } from '../feed/rejects.ts';
import { note } from './output.ts';

const REJECTS_SHOWN = 5;
const TEXT_SHOWN = 120;

/** One line for each of the first rejected frames: its number in the input, what is wrong with it, how it begins. */
export function noteRejects(rejects: readonly RejectSample[], total: number): void {
  for (const reject of rejects.slice(0, REJECTS_SHOWN)) {
    const text = reject.text.slice(0, TEXT_SHOWN);
    const more = reject.bytes > text.length ? '...' : '';
    note(`data: frame ${reject.frame} of the input rejected: ${rejectText(reject.status)}: ${text}${more}`);
  }
  const shown = Math.min(rejects.length, REJECTS_SHOWN);
  if (total > shown) note(`data: ${total - shown} more frames rejected`);
}

/** One line for each thing that was odd about the input files though they could be read. */
export function noteWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) note(`data: ${warning}`);
}

/** What a run that ends without a book must say: it decided nothing from then on. */
export const BOOK_LOST =
  'data: the book was not LIVE at the end of the input: it was given up at the frame where it stopped being exact and no later snapshot brought it back';

/** The input never had what a book begins with. */
export const BOOK_NEVER_LIVE = 'data: the book never became LIVE: the input holds no snapshot that its depth messages can follow';

/** An order-by-order feed was not followed from its first message. */
export const BOOK_JOINED_LATE =
  'data: the book never became LIVE: the input begins after the start of its session, so orders from before are not in it';

/** True when a book in this state is the venue's: a halted instrument's is, though nothing may trade on it. */
export function isExact(state: number): boolean {
  return state === BOOK_STATE.LIVE || state === BOOK_STATE.NOT_TRADING;
}
