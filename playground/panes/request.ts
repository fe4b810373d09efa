/**
 * The request composer: what the example offers, and a draft to change.
 */

import { live } from 'lit/directives/live.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import type { Preset } from '../examples.ts';
import { mount } from '../mount.ts';
import { hasBody, METHODS, type Requests } from '../requests.ts';
import { crossIcon, plusIcon } from './icons.ts';

const TIMES = [1, 2, 10, 50];

export function requestPane(place: HTMLElement, app: App): void {
  mount(place, () => {
    const { requests, session, workspace } = app.current;
    const draft = requests.draft.value;
    const send = (event: Event): void => {
      event.preventDefault();
      app.send();
    };
    return html`
      <div class="label-row"><h2 class="label">Request</h2></div>
      <div>
        <form class="composer" @submit=${send}>
          <div class="address">
            <select aria-label="Method" .value=${live(draft.method)} @change=${(event: Event) => requests.edit({ method: textIn(event) })}>
              ${METHODS.map((method) => html`<option ?selected=${method === draft.method}>${method}</option>`)}
            </select>
            <input class="path" aria-label="Path and query" .value=${live(draft.path)} autocomplete="off" spellcheck="false"
              autocapitalize="off" enterkeyhint="send" @input=${(event: Event) => requests.edit({ path: textIn(event) })} />
            <button type="submit" class="outlined" ?disabled=${!session.canFetch.value}>Send</button>
          </div>
          ${headerRows(requests)}
          <div class="address-more">
            <button type="button" class="quiet" @click=${() => requests.edit({ headers: [...draft.headers, ['', '']] })}>${plusIcon} Header</button>
            <label class="dim times">At once
              <select @change=${(event: Event) => requests.edit({ times: Number(textIn(event)) })}>
                ${TIMES.map((times) => html`<option value=${times} ?selected=${times === draft.times}>${times}</option>`)}
              </select>
            </label>
          </div>
          ${
            hasBody(draft.method)
              ? html`<textarea aria-label="Body" placeholder="Body" rows="4" spellcheck="false" .value=${live(draft.body)}
                  @input=${(event: Event) => requests.edit({ body: textIn(event) })}></textarea>`
              : ''
          }
        </form>
        <ul class="chips" aria-label="Requests to try">
          ${workspace.example.presets.map(
            (preset) =>
              html`<li><button type="button" class="chip" @click=${() => app.send(preset)}>${nameOf(preset)}</button></li>`,
          )}
        </ul>
      </div>
    `;
  });
}

function headerRows(requests: Requests): TemplateResult {
  const { headers } = requests.draft.value;
  const change = (at: number, part: 0 | 1) => (event: Event) => {
    const changed: [string, string] = [...(headers[at] ?? ['', ''])] as [string, string];
    changed[part] = textIn(event);
    requests.edit({ headers: headers.with(at, changed) });
  };
  return html`
    ${headers.map(
      ([name, value], at) => html`
        <div class="header-row">
          <input aria-label=${`Name of header ${at + 1}`} placeholder="name" .value=${live(name)} spellcheck="false" autocapitalize="off" @input=${change(at, 0)} />
          <input aria-label=${`Value of header ${at + 1}`} placeholder="value" .value=${live(value)} spellcheck="false" autocapitalize="off" @input=${change(at, 1)} />
          <button type="button" class="quiet square" aria-label=${`Remove header ${at + 1}`} @click=${() => requests.edit({ headers: headers.toSpliced(at, 1) })}>${crossIcon}</button>
        </div>
      `,
    )}
  `;
}

function nameOf({ label, method = 'GET', path, times = 1 }: Preset): string {
  if (label) return label;
  const address = method === 'GET' ? path : `${method} ${path}`;
  return times > 1 ? `${times} × ${address}` : address;
}

function textIn(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
