import { type L2Message, N_LAST_ID, N_TRANSACT_MS } from './message.hot.ts';

const ID = 0;
const MS = 1;

/**
 * The newest message applied to a book on its connection, GAPs notwithstanding: what a snapshot of the stream must not be older
 * than. One that is older by number and time was repeated or came late.
 */
export class NewestApplied {
  /** Number and venue time, epoch ms; 0 before the first. */
  private readonly newest: Float64Array;
  /** 1 after a snapshot for a book that is not LIVE was passed over. */
  private doubted: number;

  constructor() {
    this.newest = new Float64Array(2);
    this.doubted = 0;
  }

  /** The connection was made or lost: nothing that came before says anything of what comes. */
  forget(): void {
    this.newest.fill(0);
    this.doubted = 0;
  }

  note({ numbers }: L2Message): void {
    this.newest[ID] = numbers[N_LAST_ID]!;
    this.newest[MS] = numbers[N_TRANSACT_MS]!;
  }

  /** A snapshot was taken. */
  settle(): void {
    this.doubted = 0;
  }

  /**
   * True for a snapshot that is to be passed over; one without a number never is. A book that is not LIVE asks again, and the
   * same answer then says that what was taken for newer was not.
   */
  passesOver({ numbers }: L2Message, live: boolean): boolean {
    const id = numbers[N_LAST_ID]!;
    if (id === 0 || id >= this.newest[ID]! || numbers[N_TRANSACT_MS]! >= this.newest[MS]!) return false;
    if (live) return true;
    this.doubted = 1 - this.doubted;
    return this.doubted === 1;
  }
}
