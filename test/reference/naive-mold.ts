/** A second reader and sequencer of MoldUDP64, with BigInt and plain lists: slow, and right by inspection. */
export interface NaivePacket {
  readonly session: string;
  readonly sequence: bigint;
  readonly count: number;
  readonly messages: readonly Uint8Array[];
}

const SAFE = 2n ** 53n;
const END = 0xffff;

const uint = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** The packet, or undefined when its blocks do not fill the datagram exactly. */
export function naiveMold(bytes: Uint8Array): NaivePacket | undefined {
  if (bytes.length < 20) return undefined;
  const session = String.fromCharCode(...bytes.subarray(0, 10));
  const sequence = uint(bytes.subarray(10, 18));
  const count = Number(uint(bytes.subarray(18, 20)));
  if (sequence >= SAFE) return undefined;
  const messages: Uint8Array[] = [];
  let rest = bytes.subarray(20);
  for (let i = 0; i < (count === END ? 0 : count); i++) {
    if (rest.length < 2) return undefined;
    const length = Number(uint(rest.subarray(0, 2)));
    if (rest.length < 2 + length) return undefined;
    messages.push(rest.subarray(2, 2 + length));
    rest = rest.subarray(2 + length);
  }
  return rest.length === 0 ? { session, sequence, count, messages } : undefined;
}

interface Kept {
  readonly first: bigint;
  readonly next: bigint;
  /** Order of arrival, among packets that begin alike. */
  readonly at: number;
}

/** Which numbers are handed over, and in which order. */
export class NaiveSequencer {
  expected: bigint;
  known: bigint;
  kept: Kept[] = [];
  /** Numbers handed over by the last call. */
  delivered: bigint[] = [];
  private readonly capacity: number;
  private readonly bytesMax: number;
  private arrivals = 0;

  constructor(first: bigint, capacity: number, bytesMax: number) {
    this.expected = first;
    this.known = first;
    this.capacity = capacity;
    this.bytesMax = bytesMax;
  }

  /** A packet of `bytes` length in all. */
  offer({ sequence: first, messages }: NaivePacket, bytes: number): void {
    this.delivered = [];
    const next = first + BigInt(messages.length);
    if (next > this.known) this.known = next;
    if (messages.length === 0 || next <= this.expected) return;
    if (first <= this.expected) {
      this.deliverTo(next);
      this.drain();
      return;
    }
    if (bytes > this.bytesMax) return;
    // The packet that would stand right before it has all of it.
    const before = this.kept.filter((one) => one.first <= first).at(-1);
    if (before !== undefined && before.next >= next) return;
    const after = this.kept.filter((one) => one.first > first);
    if (this.kept.length === this.capacity) {
      if (after.length === 0) return;
      this.kept.pop();
    }
    this.kept.push({ first, next, at: this.arrivals++ });
    this.kept.sort((a, b) => (a.first === b.first ? a.at - b.at : a.first < b.first ? -1 : 1));
  }

  /** Gives up what is missing before the first kept packet. */
  giveUpGap(): void {
    this.delivered = [];
    this.expected = this.kept[0]?.first ?? this.known;
    this.drain();
  }

  private drain(): void {
    while (this.kept.length > 0 && this.kept[0]!.first <= this.expected) this.deliverTo(this.kept.shift()!.next);
  }

  private deliverTo(next: bigint): void {
    for (; this.expected < next; this.expected++) this.delivered.push(this.expected);
  }
}
