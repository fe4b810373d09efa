/**
 * The browsers that a person has open beside the code: each shows the Worker's pages, with cookies of its own.
 *
 * Promise: a browser is one frame for its whole life; what its page does is read from signals. When new code runs, every
 * page is loaded again.
 *
 * Knows nothing of panes.
 */
import { batch, signal } from '@preact/signals-core';
import type { Preview, SocketEvent } from '../src/index.ts';
import { sentenceOf } from './account.ts';
import { FrameLog } from './frame-log.ts';

export type OpenPreview = (frame: HTMLIFrameElement, options: { url: string }) => Promise<Preview>;

/** Beside each other there is room for no more. */
export const BROWSERS_MAX = 4;

export class Browser {
  /** counts from 1 */
  readonly number: number;
  readonly frame = document.createElement('iframe');
  readonly url = signal('');
  readonly title = signal('');
  readonly isLoading = signal(false);
  readonly canGoBack = signal(false);
  readonly canGoForward = signal(false);
  readonly cookies = signal<Preview['cookies']>([]);
  /** the last thing that went wrong in the page */
  readonly problem = signal<string | undefined>(undefined);
  #preview: Preview | undefined;
  #isClosed = false;

  constructor(number: number) {
    this.number = number;
    this.frame.title = `Page in browser ${number}`;
    this.frame.className = 'browser-page';
  }

  get name(): string {
    return `Browser ${this.number}`;
  }

  /** Begins to show pages; its frame must be in the document. */
  async start(open: OpenPreview, url: string, heard: Heard): Promise<void> {
    try {
      const preview = await open(this.frame, { url });
      if (this.#isClosed) {
        preview.close();
        return;
      }
      this.#preview = preview;
      preview.on('change', () => this.#look());
      preview.on('cookies', () => {
        this.cookies.value = [...preview.cookies];
      });
      preview.on('problem', (text) => {
        this.problem.value = text;
      });
      preview.on('answer', () => heard.answered());
      preview.on('socket', (event) => heard.socket(this, event));
      this.#look();
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }

  navigate(url: string): void {
    this.problem.value = undefined;
    void this.#preview?.navigate(url);
  }

  reload(): void {
    this.problem.value = undefined;
    void this.#preview?.reload();
  }

  back(): void {
    void this.#preview?.back();
  }

  forward(): void {
    void this.#preview?.forward();
  }

  clearCookies(): void {
    this.#preview?.clearCookies();
  }

  /** False when the socket is not open any more. */
  send(socket: number, data: string | ArrayBuffer): boolean {
    return this.#preview?.send(socket, data) ?? false;
  }

  close(): void {
    this.#isClosed = true;
    this.#preview?.close();
    this.frame.remove();
  }

  #look(): void {
    const preview = this.#preview;
    if (!preview) return;
    batch(() => {
      const isNew = preview.isLoading && !this.isLoading.value;
      if (isNew) this.problem.value = undefined;
      this.url.value = preview.url;
      this.title.value = preview.title;
      this.isLoading.value = preview.isLoading;
      this.canGoBack.value = preview.canGoBack;
      this.canGoForward.value = preview.canGoForward;
      this.cookies.value = [...preview.cookies];
    });
  }
}

interface Heard {
  answered(): void;
  socket(browser: Browser, event: SocketEvent): void;
}

export class Browsers {
  readonly list = signal<readonly Browser[]>([]);
  /** what the place of the answers shows */
  readonly view = signal<'response' | 'page' | 'frames'>('response');
  readonly frames = new FrameLog();
  readonly #open: OpenPreview;
  readonly #answered: () => void;
  #count = 0;

  constructor({ open, answered }: { open: OpenPreview; answered: () => void }) {
    this.#open = open;
    this.#answered = answered;
  }

  /** Another browser, which is somebody else to the Worker. Its frame is in `list`; `begin` makes it load. */
  add(): Browser {
    this.#count += 1;
    const browser = new Browser(this.#count);
    this.list.value = [...this.list.value, browser];
    return browser;
  }

  begin(browser: Browser, url: string): void {
    void browser.start(this.#open, url, {
      answered: this.#answered,
      socket: (from, event) => this.frames.take(from, event),
    });
  }

  remove(browser: Browser): void {
    browser.close();
    this.list.value = this.list.value.filter((one) => one !== browser);
    if (this.list.value.length === 0) this.#count = 0;
  }

  /** Shows a page in the first browser, which is opened if there is none. */
  show(url: string): void {
    this.view.value = 'page';
    const [first] = this.list.value;
    if (first) first.navigate(url);
    else this.begin(this.add(), url);
  }

  reload(): void {
    for (const browser of this.list.value) browser.reload();
  }

  close(): void {
    for (const browser of this.list.value) browser.close();
    this.list.value = [];
  }
}
