/** The WebSocket of one lane of the soak test: what it is told, and what it says. */
import type { Simulator } from '../../src/index.ts';
import type { Answer, Heard } from './soak-words.ts';

export class SoakSocket {
  readonly name: string;
  readonly object: string;
  readonly #socket: WebSocket;
  #heard: Answer[] = [];
  #closes = 0;
  #sent = 0;
  /** of those that it sent, the newest whose entry it was told */
  #answered = 0;
  #changed = () => {};

  constructor(simulator: Simulator, { name, object }: { name: string; object: string }) {
    this.name = name;
    this.object = object;
    this.#socket = new simulator.WebSocket(`/${object}?socket=${encodeURIComponent(name)}`);
    this.#socket.onopen = () => this.#changed();
    this.#socket.onmessage = ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as Answer;
      this.#heard.push(entry);
      if (entry.op?.startsWith(`message ${name}/`))
        this.#answered = Number(entry.op.slice(entry.op.lastIndexOf('/') + 1));
      this.#changed();
    };
    this.#socket.onclose = () => {
      this.#closes++;
      this.#changed();
    };
  }

  get isClosed(): boolean {
    return this.#closes > 0;
  }

  /** Sends so many, and resolves when it was told of them all, or closed. */
  async say(count: number): Promise<void> {
    await this.#until(() => this.#socket.readyState !== 0);
    for (let i = 0; i < count && this.#socket.readyState === 1; i++) this.#socket.send(`${++this.#sent}`);
    await this.#until(() => this.#answered === this.#sent);
  }

  /** Resolves when it has closed. */
  async close(): Promise<void> {
    await this.#until(() => this.#socket.readyState !== 0);
    this.#socket.close(1000);
    await this.#until(() => false);
  }

  /** What came since this was asked last. */
  take(): Heard {
    const entries = this.#heard;
    this.#heard = [];
    return { socket: this.name, object: this.object, entries, closes: this.#closes };
  }

  /** Or closed. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
