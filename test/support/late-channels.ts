/**
 * Channels whose messages come late, as from a browser that has too much to do. To be imported before the library, which captures
 * the class.
 */
const Native = BroadcastChannel;
/** what is held back, in the order in which it came; undefined while nothing is */
let late: (() => void)[] | undefined;

globalThis.BroadcastChannel = class extends Native {
  constructor(name: string) {
    super(name);
    const delivered = new WeakSet<Event>();
    this.addEventListener('message', (event) => {
      if (!late || delivered.has(event)) return;
      event.stopImmediatePropagation();
      const again = new MessageEvent('message', { data: event.data });
      delivered.add(again);
      late.push(() => this.dispatchEvent(again));
    });
  }
};

/** From now on nothing comes to this page by a channel; what is returned lets come what did. */
export function holdBack(): () => void {
  const held: (() => void)[] = [];
  late = held;
  return () => {
    late = undefined;
    for (const deliver of held) deliver();
  };
}
