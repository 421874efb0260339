import { EXIT, TickpathError } from '../../core/errors.ts';
import type { Format } from '../../feed/formats.ts';
import { servedKraken } from './kraken.ts';
import { ServedOkx } from './okx.ts';
import type { ServedSource, ServedVenue } from './served-venue.ts';

const SERVED: Partial<Record<Format, (source: ServedSource) => ServedVenue>> = {
  kraken: servedKraken,
  okx: (source) => new ServedOkx(source),
};

/** Formats whose recordings can be served in the protocol of their venue. */
export const SERVED_FORMATS = Object.keys(SERVED) as readonly Format[];

/** Makes the venue of a format; throws ERR_SERVE naming those there are. */
export function servedFormat(format: Format): (source: ServedSource) => ServedVenue {
  const create = SERVED[format];
  if (create === undefined)
    throw new TickpathError('ERR_SERVE', `format ${format} cannot be served; expected one of: ${SERVED_FORMATS.join(', ')}`, EXIT.USAGE);
  return create;
}
