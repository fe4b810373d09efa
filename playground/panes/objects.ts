/**
 * Every object that was ever called: its class and name, whether it lives, and how to end it; of the selected one, what keeps it
 * awake, until when, and its alarm.
 */
import { repeat } from 'lit/directives/repeat.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { InspectedObject } from '../../src/index.ts';
import type { App } from '../app.ts';
import { momentName, mount } from '../mount.ts';
import { nameOf } from '../object-acts.ts';
import { stateShape } from './icons.ts';

const STATES: Record<InspectedObject['state'], { word: string; means: string }> = {
  live: { word: 'live', means: 'It has an instance in this tab.' },
  sleeping: { word: 'sleeping', means: 'It is on disk only; the next call wakes it.' },
  remote: { word: 'in another tab', means: 'Its instance lives in another tab.' },
};

/** How often an instance that may go by itself is looked at. */
const LOOK_MS = 1_000;

export function objectsPane(place: HTMLElement, app: App): void {
  setInterval(() => {
    const { session } = app.current;
    const selected = session.objects.value.find(({ id }) => id === session.selected.value);
    if (!document.hidden && selected?.state === 'live') void session.look();
  }, LOOK_MS);
  const { problem } = app.acts;
  mount(place, () => {
    const objects = app.current.session.objects.value;
    const [preset] = app.current.workspace.example.presets;
    return html`
      <div class="label-row">
        <h2 class="label">Objects</h2>
        <span class="gap"></span>
        <span class="dim number">${objects.length || ''}</span>
      </div>
      <div class="scroll">
        ${
          objects.length > 0
            ? html`<ul class="objects" aria-label="Objects">${repeat(
                objects,
                ({ id }) => id,
                (object) => row(object, app),
              )}</ul>`
            : html`<p class="empty">
                No objects yet. They exist when first called.
                ${preset ? html`<button type="button" class="link" @click=${() => app.send(preset)}>Call one</button>` : ''}
              </p>`
        }
      </div>
      ${problem.value === undefined ? '' : html`<p class="foot-note problem" role="alert">${problem.value}</p>`}
      <p class="foot-note dim invitation">
        <a href=${`?example=${app.current.workspace.example.name}`} target="_blank">Open this page in a second tab</a>: same objects, same counts.
      </p>
    `;
  });
}

function row(object: InspectedObject, app: App): TemplateResult {
  const { session } = app.current;
  const { acts } = app;
  const { className, id, state } = object;
  const isCurrent = session.selected.value === id;
  const name = nameOf(object);
  const isLive = state === 'live';
  // Not `disabled`: the focus would be lost by what the button itself does.
  const off = String(!isLive);
  return html`
    <li class="object" data-current=${isCurrent} data-state=${state}>
      <button type="button" class="object-name" aria-current=${String(isCurrent)} title=${`${name}\n${id}\n${STATES[state].means}`} @click=${() => session.select(id)}>
        ${stateShape(state)}
        <span class="object-text"><span class="dim">${className}</span> <span class="name">${name}</span></span>
        <span class="state dim">${STATES[state].word}</span>
      </button>
      <span class="object-acts">
        <button type="button" class="quiet" aria-label=${`Evict ${className} ${name}`} title=${`Drop the instance in good order: memory goes, disk stays${isCurrent ? app.keys.hint('evict') : ''}`}
          aria-keyshortcuts=${(isCurrent && app.keys.shortcut('evict')) || nothing} aria-disabled=${off} @click=${() => isLive && acts.evict(object)}>Evict</button>
        <button type="button" class="quiet" aria-label=${`Hibernate ${className} ${name}`} title="Let it sleep now, if nothing prevents it: WebSockets stay" aria-disabled=${off} @click=${() => isLive && acts.hibernate(object)}>Hibernate</button>
        <button type="button" class="quiet" aria-label=${`Crash ${className} ${name}`} title="End it at once, as a failed machine would" aria-disabled=${off} @click=${() => isLive && acts.crash(object)}>Crash</button>
      </span>
      ${isCurrent ? html`<p class="object-state dim">${stateSentence(app, object)}</p>` : ''}
    </li>
  `;
}

/** What keeps it, until when, and its alarm. */
function stateSentence(app: App, { id, state }: InspectedObject): string {
  const { session } = app.current;
  const known = session.state.value;
  if (known?.id !== id) return '';
  const nowMs = session.clock.value?.now() ?? Date.now();
  const alarm = known.alarmMs === undefined ? 'No alarm.' : `Alarm at ${momentName(known.alarmMs, nowMs)}.`;
  if (state !== 'live' || !known.awake) return alarm;
  const { why, untilMs } = known.awake;
  const kept = why === undefined ? 'Idle' : `Kept awake: ${why}`;
  if (untilMs === undefined) return why === undefined ? alarm : `${kept}. ${alarm}`;
  return `${kept}, will be evicted in ${Math.max(0, Math.ceil((untilMs - nowMs) / 1_000))} s. ${alarm}`;
}
