import { EXIT, TickpathError } from '../../core/errors.ts';
import { type Instrument, instrumentFromText } from '../../core/instrument.ts';
import { INSTRUMENTS_MAX } from '../../core/limits.ts';
import { CONNECTION } from '../../core/ports.ts';
import { formatDecimal } from '../../core/price.ts';

/** What frames must have in common to be read as one input. */
export interface SegmentSource {
  /** Venue whose frames these are, as live feeds name it: its decoder reads them. */
  readonly venue: string;
  /** Levels a side and way of the connection, as the venue offers them; 0 and empty where there is nothing to choose. */
  readonly depth: number;
  readonly mode: string;
  readonly instruments: readonly Instrument[];
}

/** What the header of a segment says in words; JSON, with times as text because they exceed a JSON number's digits. */
export interface SegmentDocument extends SegmentSource {
  /** Names the recording that the segment is part of; the same in all its segments. */
  readonly recording: string;
  /** Epoch time, ns, that the segment's local times count from. */
  readonly baseEpochNs: bigint;
  /** Where local times come from. */
  readonly clock: string;
  /** Local time at which the segment was begun, ns since the base. */
  readonly openedNs: number;
  /** CONNECTION in force when the segment was begun, 0 when none was made before. */
  readonly connection: number;
}

/** Instruments as a venue's text has them, so that the document can be read without knowing about ticks. */
interface InstrumentJson {
  readonly symbol: string;
  readonly tick_size: string;
  readonly lot_size: string;
  readonly venue_id?: number;
}

export function encodeDocument(document: SegmentDocument): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({
      recording: document.recording,
      venue: document.venue,
      depth: document.depth,
      mode: document.mode,
      instruments: instrumentsJson(document.instruments),
      base_epoch_ns: document.baseEpochNs.toString(),
      clock: document.clock,
      opened_ns: document.openedNs,
      connection: document.connection,
    }),
  );
}

export function instrumentsJson(instruments: readonly Instrument[]): InstrumentJson[] {
  return instruments.map((one) => ({
    symbol: one.symbol,
    tick_size: formatDecimal(one.tickUnits, one.priceDecimals),
    lot_size: formatDecimal(one.lotUnits, one.qtyDecimals),
    ...(one.venueId === undefined ? {} : { venue_id: one.venueId }),
  }));
}

/** A source as text, to compare and to show. */
export function sourceText({ venue, depth, mode, instruments }: SegmentSource): string {
  return JSON.stringify({ venue, depth, mode, instruments: instrumentsJson(instruments) });
}

/** The document, or in words what was expected of it. */
export function decodeDocument(bytes: Uint8Array): SegmentDocument | string {
  let json: { readonly [key: string]: unknown };
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as { readonly [key: string]: unknown };
  } catch {
    return 'a document of JSON';
  }
  if (typeof json !== 'object' || json === null) return 'a document that is an object';
  const { recording, venue, depth, mode, base_epoch_ns: base, clock, opened_ns: openedNs, connection } = json;
  if (typeof recording !== 'string' || typeof venue !== 'string' || typeof clock !== 'string')
    return 'recording, venue and clock as text in the document';
  if (!isCount(depth) || typeof mode !== 'string') return 'depth as a whole number and mode as text in the document';
  if (typeof base !== 'string' || !/^\d{1,19}$/.test(base)) return 'base_epoch_ns as digits in the document';
  if (!isCount(openedNs)) return 'opened_ns as whole nanoseconds in the document';
  if (connection !== 0 && !isConnection(connection)) return 'connection from 0 to 3 in the document';
  const instruments = instrumentsOf(json['instruments']);
  if (typeof instruments === 'string') return instruments;
  return { recording, venue, depth, mode, instruments, baseEpochNs: BigInt(base), clock, openedNs, connection };
}

/** True for a connection event that a recording holds. */
export function isConnection(value: unknown): value is number {
  return value === CONNECTION.CONNECTING || value === CONNECTION.CONNECTED || value === CONNECTION.DISCONNECTED;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function instrumentsOf(json: unknown): Instrument[] | string {
  if (!Array.isArray(json) || json.length === 0 || json.length > INSTRUMENTS_MAX)
    return `1 to ${INSTRUMENTS_MAX} instruments in the document`;
  try {
    return (json as InstrumentJson[]).map((one, id) => {
      if (typeof one?.symbol !== 'string' || typeof one.tick_size !== 'string' || typeof one.lot_size !== 'string')
        throw new TickpathError('ERR_SEGMENT', `symbol, tick_size and lot_size as text in instrument ${id} of the document`, EXIT.DATA);
      const instrument = instrumentFromText(id, { symbol: one.symbol, tickSize: one.tick_size, lotSize: one.lot_size });
      return Number.isSafeInteger(one.venue_id) ? Object.freeze({ ...instrument, venueId: one.venue_id! }) : instrument;
    });
  } catch (error) {
    if (error instanceof TickpathError) return error.message;
    throw error;
  }
}
