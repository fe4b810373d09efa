/**
 * What a browser shows for an answer: HTML as it is, text and JSON plainly, an image by itself, else a sentence.
 *
 * Promise: always an HTML document, whatever came; nothing of a plain text is taken for markup.
 */

/** How much of something that is no page is shown, bytes. */
const SHOWN_MAX = 4 * 1024 * 1024;

/** @throws whatever reading the body throws */
export async function viewOf(response: Response): Promise<string> {
  const type = (response.headers.get('content-type') ?? 'text/plain').toLowerCase();
  const [kind = ''] = type.split(';');
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length === 0 && response.status >= 400) return errorView(`${response.status} ${response.statusText}`, '');
  if (/^(text\/html|application\/xhtml\+xml)\s*$/.test(kind)) return decode(bytes, type);
  if (kind.startsWith('image/')) return imageView(kind, bytes);
  if (/^text\/|[/+]json\s*$|[/+]xml\s*$|javascript\s*$/.test(kind)) return textView(pretty(kind, decode(bytes, type)));
  return errorView(
    'This is no page',
    `The Worker sent ${bytes.length} bytes of ${kind.trim()}, which a browser would download.`,
  );
}

/** A page that says what went wrong instead of one. */
export function errorView(title: string, text: string): string {
  return plain(title, `<h1>${escapeHtml(title)}</h1><pre>${escapeHtml(text)}</pre>`);
}

function textView(text: string): string {
  return plain('', `<pre>${escapeHtml(text)}</pre>`);
}

function imageView(kind: string, bytes: Uint8Array): string {
  if (bytes.length > SHOWN_MAX) return errorView('A large image', `It has ${bytes.length} bytes.`);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return plain('', `<img alt="" src="data:${escapeHtml(kind.trim())};base64,${btoa(binary)}">`);
}

function plain(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>` +
    ':root{color-scheme:light dark}body{margin:16px;font:14px/20px system-ui,sans-serif}h1{font-size:16px}' +
    'pre{margin:0;font:13px/20px ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}img{max-width:100%}' +
    `</style></head><body>${body}</body></html>`
  );
}

function pretty(kind: string, text: string): string {
  if (!/json\s*$/.test(kind)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function decode(bytes: Uint8Array, type: string): string {
  const label = /charset\s*=\s*"?([\w-]+)/.exec(type)?.[1] ?? 'utf-8';
  const shown = bytes.subarray(0, SHOWN_MAX * 4);
  try {
    return new TextDecoder(label).decode(shown);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder().decode(shown); // no encoding of that name
    throw error;
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
