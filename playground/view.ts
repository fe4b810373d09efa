/**
 * The frame: bar, three columns, the strip below, the timeline, splitters between them; on a phone one column and four tabs.
 *
 * Promise: the frame is written once. Panes fill their own place in it and are never moved, so focus and scroll stay.
 */
import { effect } from '@preact/signals-core';
import { html, render } from 'lit/html.js';
import { App, type AppOptions } from './app.ts';
import { listenForKeys } from './keys.ts';
import { mount } from './mount.ts';
import { barPane } from './panes/bar.ts';
import { editorPane } from './panes/editor.ts';
import { filesPane } from './panes/files.ts';
import { framesPane } from './panes/frames.ts';
import { helpDialog } from './panes/help.ts';
import { logPane } from './panes/log.ts';
import { objectsPane } from './panes/objects.ts';
import { pagePane } from './panes/page.ts';
import { requestPane } from './panes/request.ts';
import { responsePane } from './panes/response.ts';
import { sentPane } from './panes/sent.ts';
import { storagePane } from './panes/storage.ts';
import { timelinePane } from './panes/timeline.ts';
import { splitter } from './splitter.ts';

const PANES = [
  { name: 'files', label: 'Example and files', tab: 'code', fill: filesPane },
  { name: 'editor', label: 'Code', tab: 'code', fill: editorPane },
  { name: 'objects', label: 'Objects', tab: 'inspect', fill: objectsPane },
  { name: 'storage', label: 'Storage', tab: 'inspect', fill: storagePane },
  { name: 'request', label: 'Request', tab: 'run', fill: requestPane },
  { name: 'response', label: 'Response', tab: 'run', fill: responsePane },
  { name: 'page', label: 'Page', tab: 'run', fill: pagePane },
  { name: 'frames', label: 'Frames', tab: 'run', fill: framesPane },
  { name: 'sent', label: 'Sent', tab: 'run', fill: sentPane },
  { name: 'log', label: 'Log', tab: 'run', fill: logPane },
  { name: 'timeline', label: 'Timeline', tab: 'timeline', fill: timelinePane },
] as const;

const SPLITTERS = [
  { name: 'left', label: 'Width of the files', axis: 'x', start: 22, min: 12, max: 40, grows: 1 },
  { name: 'right', label: 'Width of the inspector', axis: 'x', start: 30, min: 18, max: 50, grows: -1 },
  { name: 'bottom', label: 'Height of requests and log', axis: 'y', start: 28, min: 14, max: 60, grows: -1 },
  { name: 'time', label: 'Height of the timeline', axis: 'y', start: 28, min: 12, max: 60, grows: -1 },
  { name: 'inner', label: 'Height of the objects', axis: 'y', start: 36, min: 15, max: 80, grows: 1 },
  { name: 'send', label: 'Width of the request', axis: 'x', start: 34, min: 18, max: 55, grows: 1 },
  { name: 'log-width', label: 'Width of the log', axis: 'x', start: 34, min: 18, max: 60, grows: -1 },
] as const;

const TABS = [
  { name: 'code', label: 'Code' },
  { name: 'run', label: 'Run' },
  { name: 'inspect', label: 'Inspect' },
  { name: 'timeline', label: 'Timeline' },
] as const;

/** Fills `root` and runs the example. @returns the app, for tests */
export function mountPlayground(root: HTMLElement, options: AppOptions): App {
  const app = new App(options);
  const pane = (name: string) => {
    const { label, tab } = PANES.find((one) => one.name === name) as (typeof PANES)[number];
    return html`<section class="pane pane-${name}" data-pane=${name} data-of=${tab} aria-label=${label} tabindex="-1"></section>`;
  };
  const split = (name: string) =>
    splitter(SPLITTERS.find((one) => one.name === name) as (typeof SPLITTERS)[number], root, app.keep);
  root.replaceChildren();
  render(
    html`
      <header class="bar"></header>
      <main class="frame">
        ${pane('files')} ${split('left')} ${pane('editor')} ${split('right')}
        <div class="inspect" data-of="inspect">${pane('objects')} ${split('inner')} ${pane('storage')}</div>
        ${split('bottom')}
        <div class="strip" data-of="run">
          <div class="sending scroll">${pane('request')} ${pane('sent')}</div>
          ${split('send')} <div class="answers">${pane('response')} ${pane('page')} ${pane('frames')}</div> ${split('log-width')} ${pane('log')}
        </div>
        ${split('time')} ${pane('timeline')}
      </main>
      <nav class="tabs" aria-label="Views"></nav>
      <p class="unseen" role="status"></p>
      <dialog class="help"></dialog>
    `,
    root,
  );
  const find = (selector: string): HTMLElement => root.querySelector(selector) as HTMLElement;
  barPane(find('.bar'), app);
  for (const { name, fill } of PANES) fill(find(`[data-pane=${name}]`), app);
  effect(() => {
    const shown = app.current.browsers.view.value;
    root.dataset['answer'] = shown;
    for (const name of ['response', 'page', 'frames']) {
      const place = find(`[data-pane=${name}]`);
      place.id = `answer-${name}`;
      place.hidden = name !== shown;
    }
  });
  mountTabs(root, find('.tabs'), app);
  helpDialog(find('.help') as HTMLDialogElement, app);
  mount(find(':scope > [role=status]'), () => html`${app.said.value}`);
  effect(() => {
    const { example } = app.current.workspace;
    document.title = `${example.title} · Durabox`;
    const url = new URL(location.href);
    if (url.searchParams.get('example') === example.name) return;
    url.searchParams.set('example', example.name);
    history.replaceState(null, '', url);
  });
  listenForKeys(root, app);
  // Another tab may have called the same objects meanwhile.
  window.addEventListener('focus', () => app.current.session.refresh());
  void app.places.load();
  app.run('by-itself');
  return app;
}

function mountTabs(root: HTMLElement, place: HTMLElement, app: App): void {
  mount(place, () => {
    const shown = app.tab.value;
    root.dataset['tab'] = shown;
    return html`${TABS.map(
      ({ name, label }) => html`
        <button type="button" aria-current=${name === shown ? 'page' : 'false'} @click=${() => {
          app.tab.value = name;
        }}>${label}</button>
      `,
    )}`;
  });
}
