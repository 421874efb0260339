import { CONNECTION, type ConnectionEvent, FRAME_TIME, FRAME_TIMES, type FrameHandler, type Transport } from '../../core/ports.ts';
import { Prng } from '../../core/prng.ts';
import { damage } from './damage.ts';
import type { AppliedFault, FaultKind, FaultPlan } from './plan.ts';

const MILLION = 1_000_000;
/** Bytes beyond a frame that decoders may look at without a bound check. */
const FRAME_SLACK_BYTES = 64;
const BLOCK_BYTES = 16_384;

/** A message kept to be delivered later. */
interface Held {
  readonly message: number;
  readonly bytes: Uint8Array;
  /** Delivered once so many messages came from the inner transport. */
  readonly due: number;
}

export interface FaultyOptions {
  readonly plan: FaultPlan;
  /** The connection was made again: a venue now sends what a subscription begins with. */
  readonly onReconnect?: () => void;
}

/**
 * A transport around another one that loses, repeats, reorders, damages and holds back messages and cuts the connection, all
 * from a seed: the same plan over the same messages does the same. Receive times stay in order: what was held back carries
 * the times of the message it is delivered with.
 */
export class FaultyTransport implements Transport, FrameHandler {
  /** Faults so far, in the order in which they were decided. */
  readonly faults: AppliedFault[] = [];
  /** Messages that came from the inner transport. */
  messages = 0;
  /** The message being handed over, counted as in `faults`, and whether its bytes are those that came. */
  deliveredMessage = 0;
  deliveredIntact = true;
  private readonly inner: Transport;
  private readonly plan: FaultPlan;
  private readonly onReconnect: () => void;
  private readonly prng: Prng;
  private readonly times = new Float64Array(FRAME_TIMES);
  /** Frames are handed over in one block of memory, as by a socket: with what an earlier one left behind their end. */
  private block = new Uint8Array(BLOCK_BYTES);
  private handler: FrameHandler | undefined;
  private held: Held[] = [];
  /** Messages of the window being reordered, and how many it still wants. */
  private window: Held[] = [];
  private windowLeft = 0;
  /** Messages still lost to the cut, 0 while there is a connection. */
  private cutLeft = 0;

  constructor(inner: Transport, { plan, onReconnect = () => {} }: FaultyOptions) {
    this.inner = inner;
    this.plan = plan;
    this.onReconnect = onReconnect;
    this.prng = new Prng(plan.seed, 7);
  }

  run(handler: FrameHandler): Promise<void> {
    this.handler = handler;
    return this.inner.run(this);
  }

  stop(): void {
    this.inner.stop();
  }

  /** A connection that is lost takes what was held back with it; at the end of the input the rest is delivered. */
  onConnection(event: ConnectionEvent, recvTimeNs: number): void {
    if (event === CONNECTION.END) {
      if (this.cutLeft === 0) this.deliverHeld(Infinity);
    } else {
      this.forget();
      this.cutLeft = 0;
    }
    this.handler!.onConnection(event, recvTimeNs);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.messages++;
    this.times.set(times);
    if (this.cutLeft > 0) {
      this.cutLeft--;
      if (this.cutLeft === 0) this.reconnect();
      return;
    }
    const frame = bytes.subarray(start, end);
    if (this.windowLeft > 0) this.collect(frame);
    else this.meet(this.draw(), frame);
    if (this.cutLeft === 0) this.deliverHeld(this.messages);
  }

  /** The fault that the message at hand meets. */
  private draw(): FaultKind | undefined {
    if (this.messages > this.plan.faultyMessages) return undefined;
    const { dropPpm, duplicatePpm, reorderPpm, corruptPpm, truncatePpm, delayPpm, cutPpm } = this.plan;
    let left = this.prng.nextInt(MILLION);
    const kinds: readonly (readonly [FaultKind, number])[] = [
      ['drop', dropPpm],
      ['duplicate', duplicatePpm],
      ['reorder', reorderPpm],
      ['corrupt', corruptPpm],
      ['truncate', truncatePpm],
      ['delay', delayPpm],
      ['cut', cutPpm],
    ];
    for (const [kind, ppm] of kinds) {
      if (left < ppm) return kind;
      left -= ppm;
    }
    return undefined;
  }

  private meet(kind: FaultKind | undefined, frame: Uint8Array): void {
    const { prng, plan } = this;
    switch (kind) {
      case 'drop':
        this.note(kind, 1);
        return;
      case 'duplicate':
        this.deliver(this.messages, frame, true);
        this.hold(kind, frame, prng.nextInt(plan.delayMessagesMax + 1));
        return;
      case 'delay':
        this.hold(kind, frame, 1 + prng.nextInt(plan.delayMessagesMax));
        return;
      case 'reorder':
        this.windowLeft = 2 + prng.nextInt(plan.reorderMessagesMax - 1);
        this.note(kind, this.windowLeft);
        this.collect(frame);
        return;
      case 'corrupt':
        this.note(kind, 1);
        this.deliver(this.messages, damage(prng, frame), false);
        return;
      case 'truncate':
        this.note(kind, 1);
        this.deliver(this.messages, frame.slice(0, prng.nextInt(frame.length)), false);
        return;
      case 'cut':
        this.cutLeft = 1 + prng.nextInt(plan.cutMessagesMax);
        this.note(kind, this.cutLeft + 1);
        this.forget();
        this.handler!.onConnection(CONNECTION.DISCONNECTED, this.times[FRAME_TIME.RECV_NS]!);
        return;
      default:
        this.deliver(this.messages, frame, true);
    }
  }

  private note(kind: FaultKind, reach: number): void {
    this.faults.push({ kind, message: this.messages, reach });
  }

  private hold(kind: FaultKind, frame: Uint8Array, reach: number): void {
    this.note(kind, reach);
    this.held.push(this.keep(frame, this.messages + reach));
  }

  private keep(frame: Uint8Array, due: number): Held {
    return { message: this.messages, bytes: frame.slice(), due };
  }

  /** Adds to the window of messages; delivers it in another order once it is full. */
  private collect(frame: Uint8Array): void {
    this.window.push(this.keep(frame, 0));
    this.windowLeft--;
    if (this.windowLeft > 0) return;
    const { window, prng } = this;
    this.window = [];
    // Turning the window by at least one place: no order is the old one.
    const turn = 1 + prng.nextInt(window.length - 1);
    for (let i = 0; i < window.length; i++) this.release(window[(i + turn) % window.length]!);
  }

  private deliverHeld(messages: number): void {
    if (messages === Infinity) {
      for (const one of this.window) this.release(one);
      this.window = [];
    }
    if (this.held.length === 0) return;
    const due = this.held.filter((one) => one.due <= messages);
    this.held = this.held.filter((one) => one.due > messages);
    for (const one of due) this.release(one);
  }

  private release({ message, bytes }: Held): void {
    this.deliver(message, bytes, true);
  }

  private deliver(message: number, frame: Uint8Array, intact: boolean): void {
    this.deliveredMessage = message;
    this.deliveredIntact = intact;
    if (frame.length + FRAME_SLACK_BYTES > this.block.length) this.block = new Uint8Array(2 * frame.length + FRAME_SLACK_BYTES);
    this.block.set(frame);
    this.handler!.onFrame(this.block, 0, frame.length, this.times);
  }

  private forget(): void {
    this.held = [];
    this.window = [];
    this.windowLeft = 0;
  }

  private reconnect(): void {
    const nowNs = this.times[FRAME_TIME.RECV_NS]!;
    this.handler!.onConnection(CONNECTION.CONNECTING, nowNs);
    this.handler!.onConnection(CONNECTION.CONNECTED, nowNs);
    this.onReconnect();
  }
}
