import type { OutFrame } from './publisher.ts';

interface Entry {
  readonly frame: OutFrame;
  readonly sequence: number;
}

/** Frames by the time they leave, and among equals in the order in which they were made: a binary heap. */
export class FrameQueue {
  private readonly heap: Entry[] = [];
  private sequence = 0;

  push(frame: OutFrame): void {
    const heap = this.heap;
    let index = heap.length;
    const entry = { frame, sequence: this.sequence++ };
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  /** The earliest frame, when it leaves before `timeNs`. */
  popBefore(timeNs: number): OutFrame | undefined {
    const first = this.heap[0];
    if (first === undefined || first.frame.sentNs >= timeNs) return undefined;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
    return first.frame;
  }

  clear(): void {
    this.heap.length = 0;
  }

  private sink(entry: Entry): void {
    const heap = this.heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, entry)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = entry;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.frame.sentNs < b.frame.sentNs || (a.frame.sentNs === b.frame.sentNs && a.sequence < b.sequence);
}
