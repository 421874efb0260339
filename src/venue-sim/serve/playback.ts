import type { FrameHandler } from '../../core/ports.ts';
import type { Clock } from '../../core/time.ts';
import type { RecordedSource } from '../../feed/discovery.ts';
import { type Format, openRecorded, recordedFormat } from '../../feed/formats.ts';
import { AHEAD_BYTES, FileTransport } from '../../feed/transport/file.ts';
import { type Pacer, ScheduledPacer, unpaced, type Waiter } from '../../feed/transport/pacing.ts';
import type { Timers } from '../../feed/transport/timers.ts';

/** After so many frames clients get a turn to be heard. */
const TURN_FRAMES = 64;

export interface PlaybackOptions {
  readonly files: readonly string[];
  readonly format: Format;
  /** What was discovered of the recording. */
  readonly source: RecordedSource | undefined;
  readonly baseEpochNs: bigint;
  /** Times real time, or as fast as it is let. */
  readonly speed: number | 'max';
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * Plays a recording that can be held: it stands still while anyone holds it. Pacing is by timers, so a frame comes up to a
 * millisecond or two late; a held schedule does not shift, what was held follows at once.
 */
export class Playback {
  /** Frames played. */
  frames = 0;
  /** Stands still after so many frames until this is raised and `release` called. */
  pauseAt = Number.POSITIVE_INFINITY;
  private readonly transport: FileTransport;
  private readonly holders = new Set<string>();
  private wake: () => void = () => {};

  constructor(options: PlaybackOptions) {
    const { files, format, source, baseEpochNs, speed, clock, timers } = options;
    const pacer: Pacer = speed === 'max' ? unpaced : new ScheduledPacer(clock, speed);
    // To the transport a held recording is one whose next frame is never due.
    const held: Clock = { source: clock.source, nowNs: () => (this.isHeld() ? Number.NEGATIVE_INFINITY : clock.nowNs()) };
    const waiter: Waiter = {
      restAboveNs: 0,
      spin: () => {},
      rest: (leftNs) =>
        new Promise((resolve) => {
          const cancel = this.isHeld() ? undefined : timers.after(Math.ceil(leftNs / 1e6), resolve);
          this.wake = () => {
            cancel?.();
            resolve();
          };
        }),
    };
    this.transport = new FileTransport({
      files,
      clock: held,
      baseEpochNs,
      pacer,
      waiter,
      framer: recordedFormat(format, source).createFramer(),
      openInput: (group, onRead) => openRecorded(format, group, AHEAD_BYTES, onRead),
    });
  }

  /** Resolves at the end of the recording, or after `stop`. */
  run(onFrame: FrameHandler['onFrame'], onConnection: FrameHandler['onConnection']): Promise<void> {
    return this.transport.run({
      onConnection,
      onFrame: (bytes, start, end, times) => {
        this.frames++;
        onFrame(bytes, start, end, times);
        if (this.frames >= this.pauseAt) this.hold('pause');
        if (this.frames % TURN_FRAMES !== 0) return;
        this.hold('turn');
        setImmediate(() => this.release('turn'));
      },
    });
  }

  hold(holder: string): void {
    this.holders.add(holder);
  }

  release(holder: string): void {
    this.holders.delete(holder);
    if (!this.isHeld()) this.wake();
  }

  stop(): void {
    this.transport.stop();
    this.holders.clear();
    this.wake();
  }

  private isHeld(): boolean {
    return this.holders.size > 0;
  }
}
