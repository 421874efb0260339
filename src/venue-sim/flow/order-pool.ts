/** A set of order ids with a random member in constant time. */
export class OrderPool {
  private readonly ids: number[] = [];
  private readonly positions = new Map<number, number>();

  add(orderId: number): void {
    this.positions.set(orderId, this.ids.length);
    this.ids.push(orderId);
  }

  /** Does nothing when the id is no member. */
  remove(orderId: number): void {
    const position = this.positions.get(orderId);
    if (position === undefined) return;
    const last = this.ids.pop()!;
    this.positions.delete(orderId);
    if (last === orderId) return;
    this.ids[position] = last;
    this.positions.set(last, position);
  }

  size(): number {
    return this.ids.length;
  }

  /** The member at `position`, 0 .. size - 1; positions change with every removal. */
  at(position: number): number {
    return this.ids[position]!;
  }
}
