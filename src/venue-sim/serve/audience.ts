import type { ServedClient } from './served-venue.ts';

/** Who subscribed to what: clients by the name of a channel. */
export class Audience {
  private readonly clients = new Map<string, Set<ServedClient>>();

  add(name: string, client: ServedClient): void {
    const set = this.clients.get(name);
    if (set === undefined) this.clients.set(name, new Set([client]));
    else set.add(client);
  }

  /** True when the client was there. */
  remove(name: string, client: ServedClient): boolean {
    return this.clients.get(name)?.delete(client) ?? false;
  }

  leave(client: ServedClient): void {
    for (const set of this.clients.values()) set.delete(client);
  }

  of(name: string): ReadonlySet<ServedClient> {
    return this.clients.get(name) ?? NOBODY;
  }

  has(name: string, client: ServedClient): boolean {
    return this.of(name).has(client);
  }

  /** Sends a copy of the frame to everyone there. */
  send(name: string, bytes: Uint8Array, start: number, end: number): void {
    const set = this.of(name);
    if (set.size === 0) return;
    const copy = bytes.slice(start, end);
    for (const client of set) client.send(copy);
  }
}

const NOBODY: ReadonlySet<ServedClient> = new Set();
