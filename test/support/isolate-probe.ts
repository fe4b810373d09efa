/** Runs small programs in `isolate-probe.worker.ts`, in this page or in an opaque frame. */
import type { CompiledModule, ModuleImport } from '../../src/protocol/deployment.ts';
import type { ProbeAnswer, ProbeRequest } from './isolate-probe.worker.ts';

const WORKER_URL = new URL('./isolate-probe.worker.ts', import.meta.url).href;

/** Makes modules of files, in the order given: dependencies first. Understands `from '…'`, `import '…'`, `import('…')`. */
export function compile(files: Readonly<Record<string, string | ArrayBuffer>>): CompiledModule[] {
  return Object.entries(files).map(([path, file]): CompiledModule => {
    if (typeof file !== 'string')
      return { kind: path.endsWith('.wasm') ? 'wasm' : 'data', path, bytes: file, imports: [] };
    if (path.endsWith('.json')) return { kind: 'json', path, text: file, imports: [] };
    if (path.endsWith('.txt')) return { kind: 'text', path, text: file, imports: [] };
    const imports: ModuleImport[] = [];
    for (const found of file.matchAll(/(from\s+|import\s+|import\()(['"])(.+?)\2/g)) {
      const [whole, before = '', , specifier = ''] = found;
      const end = found.index + whole.length;
      const to = specifier.startsWith('./') ? { module: specifier.slice(2) } : { external: specifier };
      imports.push({ start: found.index + before.length, end, to, dynamic: before === 'import(' });
    }
    return { kind: 'esm', path, code: file, imports };
  });
}

/** Runs the default export of `main` (default: the last file) in a new worker. */
export function runProgram(
  files: Readonly<Record<string, string | ArrayBuffer>>,
  main = Object.keys(files).at(-1) ?? '',
): Promise<ProbeAnswer> {
  const worker = new Worker(WORKER_URL, { type: 'module' });
  return answerOf(worker, { modules: compile(files), main }).finally(() => worker.terminate());
}

function answerOf(worker: Worker, request: ProbeRequest): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data === 'loaded') worker.postMessage('go');
      else resolve(data as ProbeAnswer);
    };
    worker.onerror = (event) => reject(new Error(event.message || 'the worker did not load'));
    worker.postMessage(request);
  });
}

/** The same in a sandboxed frame of opaque origin, whose policy allows scripts from blobs and from the test server. */
export async function runInOpaqueFrame(files: Readonly<Record<string, string>>, main: string): Promise<ProbeAnswer> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  const policy = `default-src 'none'; script-src 'unsafe-inline' blob: 'wasm-unsafe-eval' 'unsafe-eval' ${location.origin}; worker-src blob: ${location.origin}`;
  // Classic, because Chromium starts no module worker from a blob in an opaque origin. What arrives before the rest has
  // loaded is kept for it.
  const bootstrap = `const early = []; const keep = (event) => early.push(event.data); addEventListener('message', keep);
    import(${JSON.stringify(WORKER_URL)}).then(
      () => { removeEventListener('message', keep); for (const data of early) dispatchEvent(new MessageEvent('message', { data })); },
      (error) => postMessage({ error: { name: error.name, message: error.message, stack: '', own: false } }),
    );`;
  frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script>
    onmessage = ({ data }) => {
      const text = new Blob([${JSON.stringify(bootstrap)}], { type: 'text/javascript' });
      const worker = new Worker(URL.createObjectURL(text));
      worker.onmessage = ({ data }) => {
        if (data === 'loaded') worker.postMessage('go');
        else parent.postMessage({ answer: data }, '*');
      };
      worker.onerror = (event) => parent.postMessage({ failed: event.message || 'the worker did not load' }, '*');
      worker.postMessage(data);
    };
  </script>`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  const answered = new Promise<ProbeAnswer>((resolve, reject) => {
    addEventListener('message', ({ data, source }) => {
      if (source !== frame.contentWindow) return;
      if (data.failed) reject(new Error(data.failed));
      else resolve(data.answer as ProbeAnswer);
    });
  });
  document.body.append(frame);
  try {
    await loaded;
    frame.contentWindow?.postMessage({ modules: compile(files), main } satisfies ProbeRequest, '*');
    return await answered;
  } finally {
    frame.remove();
  }
}
