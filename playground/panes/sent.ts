/**
 * The last requests, newest first. Choosing one brings back its draft and its answer.
 */

import { repeat } from 'lit/directives/repeat.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { duration, mount } from '../mount.ts';
import type { Exchange, Requests } from '../requests.ts';

export function sentPane(place: HTMLElement, app: App): void {
  mount(place, () => {
    const { requests } = app.current;
    const history = requests.history.value;
    return html`
      <div class="label-row"><h2 class="label">Sent</h2></div>
      <div>
        ${
          history.length === 0
            ? html`<p class="empty">The last twenty requests stand here, to be sent again.</p>`
            : html`<ul aria-label="Sent, newest first">${repeat(
                history,
                ({ number }) => number,
                (exchange) => historyRow(exchange, requests),
              )}</ul>`
        }
      </div>
    `;
  });
}

function historyRow(exchange: Exchange, requests: Requests): TemplateResult {
  const { draft, outcomes, tookMs, number } = exchange;
  const isShown = requests.shown.value?.number === number;
  return html`
    <li>
      <button type="button" class="sent" aria-current=${String(isShown)} @click=${() => requests.restore(exchange)}>
        <span class="sent-what">${draft.times > 1 ? `${draft.times} × ` : ''}${draft.method} ${draft.path}</span>
        <span class="dim">${statusOf(outcomes)}</span>
        <span class="dim number">${tookMs === undefined ? '…' : duration(tookMs)}</span>
      </button>
    </li>
  `;
}

/** `200`, `9 × 200, 1 × 500`, `failed` … */
function statusOf(outcomes: Exchange['outcomes']): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const text = outcome.state === 'answered' ? String(outcome.status) : outcome.state;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const [only] = counts.keys();
  return counts.size === 1 ? (only ?? '') : [...counts].map(([text, count]) => `${count} × ${text}`).join(', ');
}
