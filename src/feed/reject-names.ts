import { decodeStatusName, decodeStatusText } from './l2/status.ts';
import { recordStatusName, recordStatusText } from './recorded/status.ts';
import { itchStatusName, itchStatusText } from './venue/nasdaq-itch/status.ts';

/** Name of the status of a rejected frame, e.g. `off_tick`; those of the feeds lie in ranges of their own. */
export function rejectName(status: number): string {
  return itchStatusName(status) ?? recordStatusName(status) ?? decodeStatusName(status);
}

/** What is wrong with a rejected frame, for people. */
export function rejectText(status: number): string {
  return itchStatusText(status) ?? recordStatusText(status) ?? decodeStatusText(status);
}
