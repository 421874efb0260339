import type { Counters } from '../../../core/counters.ts';
import { FEED_COUNTER } from '../../counters.ts';

/**
 * Counts trades that the channel `matches` dropped (Coinbase documents that it may): trade ids of a product are contiguous,
 * and the heartbeat tells the last one. A trade may be on its way while a heartbeat overtakes it, so an id that a heartbeat
 * told counts as missed when the next heartbeat comes and the trade has not.
 */
export class TradeIds {
  private readonly counters: Counters;
  /** Newest id seen, and the id that the last heartbeat told, by instrument; 0 before the first. */
  private readonly last: Float64Array;
  private readonly told: Float64Array;

  constructor(instruments: number, counters: Counters) {
    this.counters = counters;
    this.last = new Float64Array(instruments);
    this.told = new Float64Array(instruments);
  }

  /** `numbers[slot]`: id of a trade; `isNew`: 0 for the last trade before the subscription. */
  onTrade(instrument: number, numbers: Float64Array, slot: number, isNew: number): void {
    const last = this.last[instrument]!;
    const id = numbers[slot]!;
    if (id <= last) return;
    if (last > 0 && isNew === 1) this.miss(id - last - 1);
    this.last[instrument] = id;
  }

  onHeartbeat(instrument: number, numbers: Float64Array, slot: number): void {
    const told = this.told[instrument]!;
    const last = this.last[instrument]!;
    if (last > 0 && told > last) {
      this.miss(told - last);
      this.last[instrument] = told;
    }
    this.told[instrument] = numbers[slot]!;
  }

  private miss(count: number): void {
    if (count > 0) this.counters.add(FEED_COUNTER.TRADES_MISSED, count);
  }
}
