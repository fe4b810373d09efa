/**
 * A preview in the page of a browser test, and a Worker that serves whatever files the test lays out.
 *
 * Promise: the page reports by posting to `/report`, because nobody can look into its frame; that request goes through
 * the preview like any other. Everything is gone after each test.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import { type Preview, Simulator, type SocketEvent } from '../../src/index.ts';

export interface ServedFile {
  readonly body: string;
  /** default: text/html */
  readonly type?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface PreviewBench {
  /** by path, with or without its query; laid out before `show` */
  readonly files: Record<string, ServedFile>;
  /** Serves and shows `html`. @param worker  statements before the files are looked up, with `request` and `url` */
  show(
    html: string,
    options?: { url?: string; worker?: string; routes?: string[]; onSocket?: (event: SocketEvent) => void },
  ): Promise<void>;
  /** What pages reported, in order, when there are so many. */
  reported(count?: number): Promise<unknown[]>;
  /** what the preview complained of */
  readonly problems: string[];
  preview(): Preview;
  sim(): Simulator;
  /** Another preview of the same Worker. */
  another(url: string): Preview;
}

/** For a page: `report(value)`. */
export const report = 'const report = (value) => fetch("/report", { method: "POST", body: JSON.stringify(value) });';

export function previewBench(): PreviewBench {
  const files: Record<string, ServedFile> = {};
  const problems: string[] = [];
  const previews: Preview[] = [];
  let sim: Simulator | undefined;

  beforeEach(() => {
    problems.length = 0;
    for (const path of Object.keys(files)) delete files[path];
  });
  afterEach(async () => {
    for (const preview of previews.splice(0)) {
      preview.close();
      preview.frame.remove();
    }
    await sim?.close();
    sim = undefined;
  });

  const another = (url: string): Preview => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    const preview = (sim as Simulator).preview(frame, { url });
    preview.on('problem', (text) => problems.push(text));
    previews.push(preview);
    return preview;
  };

  return {
    files,
    problems,
    another,
    preview: () => previews[0] as Preview,
    sim: () => sim as Simulator,
    async show(html, { url = '/page', worker = '', routes = [], onSocket = () => {} } = {}) {
      files[new URL(url, 'http://x').pathname] = { body: html };
      sim = await Simulator.open({
        name: `preview-${performance.now()}`,
        storage: 'memory',
        modules: { 'index.js': program(files, worker) },
        config: { name: 'pages', main: 'index.js', routes },
      });
      another(url).on('socket', onSocket);
    },
    async reported(count = 1) {
      const read = async (): Promise<unknown[]> => (await sim?.fetch('/reports'))?.json() as Promise<unknown[]>;
      await expect
        .poll(async () => (await read()).length, { timeout: 10_000, message: () => problems.join('\n') } as object)
        .toBeGreaterThanOrEqual(count);
      return read();
    },
  };
}

function program(files: Record<string, ServedFile>, worker: string): string {
  return `
    const files = ${JSON.stringify(files)};
    const reports = [];
    const kept = {};
    export default {
      async fetch(request) {
        const url = new URL(request.url);
        if (url.pathname === '/report') { reports.push(await request.json()); return new Response(null, { status: 204 }) }
        if (url.pathname === '/reports') return Response.json(reports);
        if (url.pathname === '/echo') {
          const text = await request.text();
          return Response.json({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers), text });
        }
        ${worker}
        const file = files[url.pathname + url.search] ?? files[url.pathname];
        if (!file) return new Response('nothing at ' + url.pathname, { status: 404 });
        const headers = new Headers(file.headers ?? []);
        headers.set('content-type', file.type ?? 'text/html');
        return new Response(file.body, { status: file.status ?? 200, headers });
      },
    };`;
}
