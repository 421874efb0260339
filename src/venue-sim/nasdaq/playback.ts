import type { MessageStore } from './message-store.ts';

/** Where the time of an ITCH message stands: nanoseconds since midnight, u48 big-endian. */
const TIME = 5;
const TIME_BYTES = 6;

/** Which messages of a stored session are due, by their own times. */
export class Playback {
  private readonly store: MessageStore;
  private readonly speed: number;
  private sent = 0;
  private firstNs = -1;
  private lastNs = 0;

  /** `speed`: 1 is as it was recorded, 0 as fast as possible. */
  constructor(store: MessageStore, speed: number) {
    this.store = store;
    this.speed = speed;
  }

  get finished(): boolean {
    return this.sent === this.store.count;
  }

  /** Number of the last message that is due `elapsedNs` after the first one. A message without a later time goes with the one before. */
  due(elapsedNs: number): number {
    if (this.speed === 0) this.sent = this.store.count;
    while (this.sent < this.store.count) {
      const message = this.store.message(this.sent + 1);
      if (message.length >= TIME + TIME_BYTES) {
        let timeNs = 0;
        for (let i = 0; i < TIME_BYTES; i++) timeNs = timeNs * 256 + message[TIME + i]!;
        if (this.firstNs < 0) this.firstNs = timeNs;
        this.lastNs = Math.max(this.lastNs, timeNs);
      }
      if (this.lastNs - this.firstNs > elapsedNs * this.speed) break;
      this.sent++;
    }
    return this.sent;
  }
}
