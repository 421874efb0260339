import { SIDE } from '../../src/core/records/market.ts';
import { type L2Message, N_LAST_ID } from '../../src/feed/l2/message.hot.ts';
import { MESSAGE } from '../../src/feed/l2/status.ts';
import { UsdmDecoder } from '../../src/feed/venue/binance-usdm/decode.hot.ts';
import type { Session } from '../harness/session.ts';

/** Levels of one or more messages in the order in which they are applied. */
export interface LevelColumns {
  readonly side: Uint8Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  /** Index after the last level of each message. */
  readonly ends: Int32Array;
}

export interface DepthUpdates {
  readonly snapshot: LevelColumns;
  readonly updates: LevelColumns;
}

/** The session's snapshot and every depth event that follows it by the venue's rule (u >= lastUpdateId), decoded. */
export function depthUpdates(session: Session): DepthUpdates {
  const decoder = new UsdmDecoder([session.instrument]);
  const snapshot = new Columns();
  const events: { readonly lastId: number; readonly columns: Columns }[] = [];
  let snapshotId = -1;
  for (let i = 0; i < session.frames; i++) {
    decoder.decode(session.bytes, session.starts[i]!, session.ends[i]!);
    const { message } = decoder;
    const lastId = message.numbers[N_LAST_ID]!;
    if (message.kind === MESSAGE.SNAPSHOT) {
      snapshotId = lastId;
      snapshot.add(message);
    } else if (message.kind === MESSAGE.DEPTH) {
      const columns = new Columns();
      columns.add(message);
      events.push({ lastId, columns });
    }
  }
  const updates = new Columns();
  for (const event of events) if (event.lastId >= snapshotId) updates.append(event.columns);
  return { snapshot: snapshot.pack(), updates: updates.pack() };
}

class Columns {
  private readonly side: number[] = [];
  private readonly ticks: number[] = [];
  private readonly lots: number[] = [];
  private readonly ends: number[] = [];

  add(message: L2Message): void {
    this.addSide(SIDE.BUY, message.bidTicks, message.bidLots, message.bidCount);
    this.addSide(SIDE.SELL, message.askTicks, message.askLots, message.askCount);
    this.ends.push(this.side.length);
  }

  append(other: Columns): void {
    const offset = this.side.length;
    for (let i = 0; i < other.side.length; i++) {
      this.side.push(other.side[i]!);
      this.ticks.push(other.ticks[i]!);
      this.lots.push(other.lots[i]!);
    }
    for (const end of other.ends) this.ends.push(offset + end);
  }

  pack(): LevelColumns {
    return {
      side: Uint8Array.from(this.side),
      ticks: Int32Array.from(this.ticks),
      lots: Float64Array.from(this.lots),
      ends: Int32Array.from(this.ends),
    };
  }

  private addSide(side: number, ticks: Int32Array, lots: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.side.push(side);
      this.ticks.push(ticks[i]!);
      this.lots.push(lots[i]!);
    }
  }
}
