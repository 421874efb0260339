import { KRAKEN_DEPTHS } from '../../feed/venue/kraken/endpoints.ts';
import { type Json, messageOf, objectIn } from './frame-fields.ts';
import { ServedKrakenV1 } from './kraken-v1.ts';
import { ServedKrakenV2 } from './kraken-v2.ts';
import type { ServedSource, ServedVenue } from './served-venue.ts';

/** Serves the API that the recording is of: an array among its first frames is the first one. */
export function servedKraken(source: ServedSource): ServedVenue {
  const isFirst = source.head.some((text) => text.startsWith('['));
  return isFirst ? new ServedKrakenV1(source, firstDepth(source.head)) : new ServedKrakenV2(source, secondDepth(source.head));
}

/** Depth of the recorded books: it stands in the channel's name. */
function firstDepth(head: readonly string[]): number {
  for (const text of head) {
    const name = /"book-(\d+)"/.exec(text.slice(-64));
    if (name !== null) return Math.trunc(+name[1]!);
  }
  return KRAKEN_DEPTHS[0];
}

/** That of the answer to the subscription, else the shallowest that holds a recorded snapshot. */
function secondDepth(head: readonly string[]): number {
  let levels = 0;
  for (const text of head) {
    const frame = messageOf(text) ?? {};
    const answered = objectIn(frame['result'])['depth'];
    if (typeof answered === 'number') return answered;
    if (frame['channel'] !== 'book') continue;
    const sides = (Array.isArray(frame['data']) ? frame['data'] : []).flatMap((one: Json) => [one['bids'], one['asks']]);
    for (const side of sides) if (Array.isArray(side)) levels = Math.max(levels, side.length);
  }
  return KRAKEN_DEPTHS.find((depth) => depth >= levels) ?? levels;
}
