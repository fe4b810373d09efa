/**
 * Answers to deliveries that come close together leave close together.
 *
 * Promise: what waits here goes once the deliveries that wait are through, or BURST_MAX of them; a burst that ends early lets
 * everything go. Knows nothing of what it holds up, nor how deliveries are queued.
 */

/** Deliveries that one post may wait for: enough to share its cost, few enough for the peer to go on meanwhile. */
const BURST_MAX = 32;

export class Burst {
  #waiting: (() => void)[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** `go` is called when the burst ends. */
  wait(go: () => void): void {
    this.#waiting[this.#waiting.length] = go;
  }

  /** Before a delivery: what waits for too many of them goes first. */
  next(): void {
    if (this.#waiting.length === 0) return;
    if (this.#count >= BURST_MAX) this.end();
    else this.#count++;
  }

  /** Nothing waits to be delivered any more. */
  end(): void {
    const all = this.#waiting;
    if (all.length === 0) return;
    this.#waiting = [];
    this.#count = 0;
    for (let i = 0; i < all.length; i++) (all[i] as () => void)();
  }
}
