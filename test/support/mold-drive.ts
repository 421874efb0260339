import { MOLD_END_OF_SESSION, moldPacket } from '../../src/feed/transport/mold.hot.ts';
import { M_EXPECTED, M_SEEN, MoldSequencer, OFFER } from '../../src/feed/transport/mold-sequencer.hot.ts';

/** Drives a sequencer as its users do and lists the numbers that it hands over. */
export class MoldDrive {
  readonly sequencer: MoldSequencer;
  delivered: number[] = [];
  private readonly sequence = new Float64Array(1);

  constructor(capacity: number) {
    this.sequencer = new MoldSequencer(capacity);
  }

  /** Begins with number `first` of the session of `packet`. */
  begin(packet: Uint8Array, first: number): this {
    this.sequencer.begin(packet, 0, Float64Array.of(first), 0);
    return this;
  }

  /** What `moldPacket` and `offer` say; below 0: no packet. */
  send(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const { sequencer, sequence } = this;
    const count = moldPacket(bytes, start, end, sequence, 0);
    if (count < 0) return count;
    const offer = sequencer.offer(bytes, start, end, count, sequence, 0);
    if (offer === OFFER.IN_ORDER && count !== MOLD_END_OF_SESSION) {
      const skipped = sequencer.numbers[M_SEEN]!;
      for (let i = skipped; i < count; i++) this.delivered.push(sequence[0]! + i);
      this.take();
    }
    return offer;
  }

  giveUpGap(): void {
    this.sequencer.giveUpGap();
    this.take();
  }

  private take(): void {
    const { sequencer, sequence } = this;
    let expected = this.delivered.length === 0 ? sequencer.numbers[M_EXPECTED]! : this.delivered.at(-1)! + 1;
    for (let place = sequencer.take(); place >= 0; place = sequencer.take()) {
      const count = moldPacket(sequencer.held, sequencer.startOf(place), sequencer.endOf(place), sequence, 0);
      expected = Math.max(expected, sequence[0]!);
      for (; expected < sequence[0]! + count; expected++) this.delivered.push(expected);
    }
  }
}
