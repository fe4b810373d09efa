/**
 * What came back: status, time, headers and body; for several requests at once a line for each.
 */
import { signal } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { byteCount, duration, mount } from '../mount.ts';
import type { Body, Exchange, Outcome } from '../requests.ts';
import { answerTabs } from './answer-tabs.ts';

type Answered = Extract<Outcome, { state: 'answered' }>;

const HEX_MAX = 512;

export function responsePane(place: HTMLElement, app: App): void {
  const isPretty = signal(true);
  mount(place, () => {
    const { requests } = app.current;
    const exchange = requests.shown.value;
    const only = exchange?.outcomes.length === 1 ? exchange.outcomes[0] : undefined;
    const canPretty = only?.state === 'answered' && pretty(only.body) !== undefined;
    return html`
      <div class="label-row">
        ${answerTabs(app, 'response')}
        <span class="gap"></span>
        ${
          canPretty
            ? html`<label class="check"><input type="checkbox" .checked=${isPretty.value} @change=${() => {
                isPretty.value = !isPretty.value;
              }} /> Pretty</label>`
            : ''
        }
      </div>
      <div class="scroll" tabindex=${exchange ? '0' : '-1'} role="group" aria-label="Response">
        ${exchange ? (only ? single(only, isPretty.value) : several(exchange)) : empty(app)}
      </div>
    `;
  });
}

function empty(app: App): TemplateResult {
  const [preset] = app.current.workspace.example.presets;
  return html`
    <p class="empty">
      Nothing sent yet. A request goes to the Worker, and the Worker calls objects.
      ${preset ? html`<button type="button" class="link" @click=${() => app.send(preset)}>Send one</button>` : ''}
    </p>
  `;
}

function single(outcome: Outcome, isPretty: boolean): TemplateResult {
  switch (outcome.state) {
    case 'sending':
      return html`<p class="empty">Waiting for the answer…</p>`;
    case 'failed':
      return html`
        <p class="status-line"><strong class="problem">✕ Failed</strong> <span class="dim number">${duration(outcome.tookMs)}</span></p>
        <pre class="body problem">${outcome.message}</pre>
      `;
    case 'answered':
      return answered(outcome, isPretty);
    default:
      return outcome satisfies never;
  }
}

function answered(outcome: Answered, isPretty: boolean): TemplateResult {
  const { status, statusText, headers, body, tookMs } = outcome;
  const sizeBytes = body.kind === 'text' ? new TextEncoder().encode(body.text).length : body.bytes.length;
  return html`
    <p class="status-line">
      <strong>${status} ${statusText}</strong>
      <span class="dim number">${duration(tookMs)}</span>
      <span class="dim number">${byteCount(sizeBytes)}</span>
    </p>
    ${sizeBytes === 0 ? html`<p class="empty">The body is empty.</p>` : html`<pre class="body">${textOf(body, isPretty)}</pre>`}
    ${
      headers.length === 0
        ? html`<p class="dim headers">No headers</p>`
        : html`
            <details class="headers">
              <summary>${headers.length} ${headers.length === 1 ? 'header' : 'headers'}</summary>
              <dl>${headers.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
            </details>
          `
    }
  `;
}

function several({ outcomes, tookMs }: Exchange): TemplateResult {
  return html`
    <p class="status-line">
      <strong>${outcomes.length} at once</strong>
      <span class="dim number">${tookMs === undefined ? 'waiting…' : `${duration(tookMs)} in all`}</span>
    </p>
    <table class="several">
      <thead class="unseen"><tr><th>Request</th><th>Status</th><th>Time</th><th>Body</th></tr></thead>
      <tbody>${outcomes.map((outcome, at) => severalRow(outcome, at))}</tbody>
    </table>
  `;
}

function severalRow(outcome: Outcome, at: number): TemplateResult {
  const number = html`<th scope="row" class="dim number">${at + 1}</th>`;
  if (outcome.state === 'sending') return html`<tr>${number}<td>…</td><td></td><td></td></tr>`;
  const took = html`<td class="dim number">${duration(outcome.tookMs)}</td>`;
  if (outcome.state === 'failed')
    return html`<tr>${number}<td class="problem">✕</td>${took}<td class="problem">${outcome.message}</td></tr>`;
  return html`<tr>${number}<td>${outcome.status}</td>${took}<td class="one-line">${textOf(outcome.body, false)}</td></tr>`;
}

function textOf(body: Body, isPretty: boolean): string {
  if (body.kind === 'text') return (isPretty && pretty(body)) || body.text;
  const bytes = [...body.bytes.subarray(0, HEX_MAX)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${bytes.join(' ')}${body.bytes.length > HEX_MAX ? ' …' : ''}`;
}

/** The JSON, indented; undefined when it is none, or nothing would change for it. */
function pretty(body: Body): string | undefined {
  if (body.kind !== 'text' || !/^\s*[[{]/.test(body.text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(body.text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
