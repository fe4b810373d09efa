/**
 * The frames of the pages' WebSockets: direction, time, size, what is in them; filtered, held still, sent again.
 *
 * Promise: newest first; nothing moves while it is paused.
 */
import { repeat } from 'lit/directives/repeat.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { hexOf, jsonOf, type LoggedFrame, type LoggedSocket, sizeOf } from '../frame-log.ts';
import { byteCount, counted, mount, timeOfDay } from '../mount.ts';
import { answerTabs } from './answer-tabs.ts';
import { goIcon, pauseIcon } from './icons.ts';

const LINE_MAX = 120;
const SHOWN_MAX = 20_000;

export function framesPane(place: HTMLElement, app: App): void {
  const head = document.createElement('div');
  const list = document.createElement('div');
  head.className = 'label-row';
  list.className = 'scroll';
  list.tabIndex = 0;
  list.role = 'group';
  list.ariaLabel = 'Frames';
  place.append(head, list);
  mount(head, () => headOf(app));
  mount(list, () => listOf(app));
}

function headOf(app: App): TemplateResult {
  const { frames } = app.current.browsers;
  const isPaused = frames.isPaused.value;
  const chosen = frames.socket.value;
  const all = frames.sockets.value;
  return html`
    ${answerTabs(app, 'frames')}
    <span class="gap"></span>
    ${
      all.length === 0
        ? ''
        : html`
            <select class="socket-choice" aria-label="WebSocket" @change=${(event: Event) => {
              frames.chosen.value = (event.target as HTMLSelectElement).value;
            }}>
              ${all.map((one) => html`<option value=${one.key} ?selected=${one.key === chosen?.key}>${nameOf(one)}</option>`)}
            </select>
            <input class="filter" type="search" aria-label="Filter the frames" placeholder="Filter" @input=${(
              event: Event,
            ) => {
              frames.filter.value = (event.target as HTMLInputElement).value;
            }} />
            <select aria-label="Show as" @change=${(event: Event) => {
              frames.format.value = (event.target as HTMLSelectElement).value as 'text' | 'hex';
            }}>
              <option value="text">Text, JSON</option>
              <option value="hex">Hex</option>
            </select>
            <button type="button" class="quiet square" aria-label="Hold still" aria-pressed=${String(isPaused)} title=${isPaused ? 'Go on' : 'Hold still'}
              @click=${() => (isPaused ? frames.resume() : frames.pause())}>${isPaused ? goIcon : pauseIcon}</button>
            <button type="button" class="quiet" @click=${() => frames.clear()}>Clear</button>
          `
    }
  `;
}

function nameOf({ from, socket, url, state, count }: LoggedSocket): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return `${from.name} · ${path} #${socket} · ${state}, ${counted(count, 'frame')}`;
}

function listOf(app: App): TemplateResult {
  const { frames } = app.current.browsers;
  const socket = frames.socket.value;
  if (!socket) {
    return html`<p class="empty">No WebSocket yet. What a page sends over one, and what comes back, stands here frame by frame.</p>`;
  }
  const shown = frames.shown.value;
  const end = socket.ending === undefined ? '' : html`<p class="dim frame-end">Closed: ${socket.ending}</p>`;
  if (shown.length === 0) {
    const why = socket.frames.length > 0 ? 'No frame matches the filter.' : 'Nothing went over it yet.';
    return html`${end}<p class="empty">${why}</p>`;
  }
  return html`
    ${end}
    <table class="frames">
      <thead class="unseen"><tr><th>Direction</th><th>Time</th><th>Size</th><th>Content</th><th>Again</th></tr></thead>
      <tbody>${repeat(
        shown,
        ({ number }) => `${socket.key} ${number}`,
        (frame) => row(frame, socket, app),
      )}</tbody>
    </table>
  `;
}

function row(frame: LoggedFrame, socket: LoggedSocket, app: App): TemplateResult {
  const { direction, data, atMs } = frame;
  const isSent = direction === 'sent';
  const again = (): void => {
    const isOpen = socket.from.send(socket.socket, data);
    app.said.value = isOpen ? 'Sent again.' : 'The socket is closed.';
  };
  return html`
    <tr data-direction=${direction}>
      <td><span aria-hidden="true">${isSent ? '↑' : '↓'}</span> <span class="dim">${isSent ? 'sent' : 'received'}</span></td>
      <td class="dim number">${timeOfDay(atMs)}</td>
      <td class="dim number">${byteCount(sizeOf(data))}</td>
      <td class="frame-data">${contentOf(data, app.current.browsers.frames.format.value)}</td>
      <td>${isSent && socket.state === 'open' ? html`<button type="button" class="quiet" @click=${again}>Send again</button>` : ''}</td>
    </tr>
  `;
}

function contentOf(data: string | ArrayBuffer, format: 'text' | 'hex'): TemplateResult | string {
  const isHex = format === 'hex' || typeof data !== 'string';
  const line = isHex ? hexOf(data) : data;
  const whole = isHex ? line : (jsonOf(data) ?? line);
  if (whole.length <= LINE_MAX && !whole.includes('\n')) return whole;
  const cut = whole.length > SHOWN_MAX ? ` … and ${whole.length - SHOWN_MAX} characters more` : '';
  return html`<details><summary>${line.slice(0, LINE_MAX)}${line.length > LINE_MAX ? '…' : ''}</summary><pre>${whole.slice(0, SHOWN_MAX)}${cut}</pre></details>`;
}
