/** What a WebSocket of a page is told, in order, so that a test can wait for each thing. */

/** Everything that a socket tells, one at a time. */
export class Ear {
  readonly #told: string[] = [];
  #waiting: ((text: string) => void) | undefined;

  static #all: Ear[] = [];

  /** Closes what listens still. */
  static closeAll(): void {
    for (const { socket } of Ear.#all.splice(0)) if (socket.readyState < 2) socket.close(1000);
  }

  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
    Ear.#all.push(this);
    const put = (text: string) => {
      this.#told.push(text);
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting) waiting(this.#told.shift() as string);
    };
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => put('open');
    socket.onmessage = ({ data }) =>
      put(typeof data === 'string' ? data : `bytes ${new Uint8Array(data as ArrayBuffer).join()}`);
    socket.onerror = () => put('error');
    socket.onclose = ({ code, reason, wasClean }) => put(`close ${code} ${reason} ${wasClean}`);
  }

  next(): Promise<string> {
    const told = this.#told.shift();
    if (told !== undefined) return Promise.resolve(told);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async asks(text: string): Promise<string> {
    this.socket.send(text);
    return this.next();
  }
}
