import type { Feed, FeedOptions } from '../../feed.ts';
import { ItchMessages } from './messages.hot.ts';

/**
 * The feed stage for ITCH 5.0 messages one a frame, as a BinaryFILE holds them: in order and complete, so a file that begins
 * with the start of messages or the directory gives exact books. The receive time of a frame is the message's own time.
 */
export class ItchFeed extends ItchMessages implements Feed {
  constructor(options: FeedOptions) {
    super(options, 1, 0);
  }

  onFrame(bytes: Uint8Array, start: number, end: number, times: Float64Array): void {
    this.beginFrame(times);
    this.ids[0] = this.tick;
    this.onMessage(0, bytes, start, end);
    this.endFrame();
  }
}
