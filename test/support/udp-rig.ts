import { createSocket } from 'node:dgram';
import { CONNECTION, type ConnectionEvent, type FrameHandler, type Transport } from '../../src/core/ports.ts';
import { MoldItchFeed } from '../../src/feed/venue/nasdaq-itch/mold-feed.hot.ts';
import { OrderRig, type OrderRigOptions } from './itch-rig.ts';

/** Runs a transport into an ITCH feed and its ring, and lets a test wait for what it expects. */
export class LiveRig {
  readonly books: OrderRig<MoldItchFeed>;
  readonly events: ConnectionEvent[] = [];
  readonly done: Promise<void>;
  /** `hashes` when the connection was last lost, which empties the books. */
  hashesAtEnd: readonly (readonly number[])[] = [];
  private readonly transport: Transport;
  private waits: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  constructor(transport: Transport, options: OrderRigOptions) {
    this.transport = transport;
    this.books = new OrderRig((one) => new MoldItchFeed(one), options);
    const { feed } = this.books;
    const handler: FrameHandler = {
      onFrame: (bytes, start, end, times) => {
        feed.onFrame(bytes, start, end, times);
        this.books.drain();
        this.look();
      },
      onConnection: (event, nowNs) => {
        this.events.push(event);
        if (event === CONNECTION.DISCONNECTED) this.hashesAtEnd = this.hashes();
        feed.onConnection(event, nowNs);
        this.books.drain();
        this.look();
      },
    };
    this.done = transport.run(handler);
    // A test that waits for something else fails by it and not by an unhandled rejection.
    this.done.catch(() => {});
  }

  /** Resolves as soon as `holds`, which is asked after each frame and event; rejects when the transport ends before. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return Promise.race([
      new Promise<void>((resolve) => this.waits.push({ holds, resolve })),
      this.done.then(() => {
        if (!holds()) throw new Error('the transport ended before what was waited for');
      }),
    ]);
  }

  connected(): Promise<void> {
    return this.until(() => this.events.includes(CONNECTION.CONNECTED));
  }

  async stop(): Promise<void> {
    this.transport.stop();
    await this.done;
  }

  /** Hash of the orders of each book, of its levels, and of the levels that the ring told of. */
  hashes(): readonly (readonly number[])[] {
    return this.books.replicas.map((replica, id) => {
      const book = this.books.feed.book(id);
      return [book.ordersHash(), book.hash(), replica.hash(), book.orders];
    });
  }

  private look(): void {
    for (const wait of this.waits) if (wait.holds()) wait.resolve();
    this.waits = this.waits.filter((wait) => !wait.holds());
  }
}

/** A UDP port of the loopback that was free a moment ago. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind({ address: '127.0.0.1', port: 0 }, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
