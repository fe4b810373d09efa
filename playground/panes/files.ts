/**
 * The left column: what the example is about, its files, and Run.
 */
import { effect, signal } from '@preact/signals-core';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import { html, type TemplateResult } from 'lit/html.js';
import { type App, deploymentSentence } from '../app.ts';
import { mount } from '../mount.ts';
import type { Workspace } from '../workspace.ts';
import { crossIcon, pencilIcon, plusIcon } from './icons.ts';

/** Nothing, a file being named for the first time, or one being renamed. */
type Naming = { readonly from: string | undefined; readonly problem: string | undefined } | undefined;

export function filesPane(place: HTMLElement, app: App): void {
  const naming = signal<Naming>(undefined);
  effect(() => {
    app.desk.value;
    naming.value = undefined;
  });
  mount(place, () => {
    const { workspace, session } = app.current;
    const { example, isOriginal, undo, paths } = workspace;
    const { state } = session.deployment.value;
    const isBusy = state === 'deploying' || state === 'opening';
    return html`
      <div class="scroll">
        <div class="about">
          <h2 class="about-title">${example.title}</h2>
          <p>${example.description}</p>
        </div>
        <div class="label-row">
          <h2 class="label">Files</h2>
          <button type="button" class="quiet square" aria-label="New file" title="New file" @click=${() => {
            naming.value = { from: undefined, problem: undefined };
          }}>${plusIcon}</button>
        </div>
        <ul class="files" aria-label="Files">
          ${repeat(
            paths.value,
            (path) => path,
            (path) =>
              naming.value?.from === path
                ? html`<li>${nameForm(workspace, naming)}</li>`
                : fileRow(workspace, path, naming),
          )}
          ${naming.value && naming.value.from === undefined ? html`<li>${nameForm(workspace, naming)}</li>` : ''}
        </ul>
        ${
          undo.value
            ? html`<p class="said">${undo.value.said} <button type="button" class="link" @click=${() => workspace.takeBack()}>Undo</button></p>`
            : ''
        }
      </div>
      <div class="foot">
        <div class="foot-row">
          <button type="button" class="filled" @click=${() => app.run()} title="Ctrl or ⌘ with Enter">Run</button>
          <button type="button" class="quiet" ?disabled=${isOriginal.value} @click=${() => workspace.reset()} title="Back to the original files">Reset</button>
        </div>
        <p class="deployment" data-state=${state} aria-busy=${String(isBusy)}>${deploymentSentence(session, workspace)}</p>
      </div>
    `;
  });
}

function fileRow(workspace: Workspace, path: string, naming: { value: Naming }): TemplateResult {
  const isCurrent = workspace.current.value === path;
  const { files, example } = workspace;
  const isEdited = files.value[path] !== example.files[path];
  const at = path.lastIndexOf('/') + 1;
  return html`
    <li class="file" data-current=${isCurrent}>
      <button type="button" class="file-name" aria-current=${String(isCurrent)} title=${path} @click=${() => workspace.select(path)}
        ><span class="dim">${path.slice(0, at)}</span>${path.slice(at)}${isEdited ? html`<span class="dim file-edited">edited</span>` : ''}</button>
      <button type="button" class="quiet square" aria-label=${`Rename ${path}`} title="Rename" @click=${() => {
        naming.value = { from: path, problem: undefined };
      }}>${pencilIcon}</button>
      <button type="button" class="quiet square" aria-label=${`Delete ${path}`} title="Delete" @click=${() => workspace.remove(path)}>${crossIcon}</button>
    </li>
  `;
}

function nameForm(workspace: Workspace, naming: { value: Naming }): TemplateResult {
  const from = naming.value?.from;
  const problem = naming.value?.problem;
  const submit = (event: Event): void => {
    event.preventDefault();
    const path = new FormData(event.target as HTMLFormElement).get('path') as string;
    const wrong = from === undefined ? workspace.add(path.trim()) : workspace.rename(from, path.trim());
    naming.value = wrong ? { from, problem: wrong } : undefined;
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') naming.value = undefined;
  };
  return html`
    <form class="name-form" @submit=${submit} @keydown=${leave}>
      <input name="path" aria-label=${from === undefined ? 'Path of the new file' : `New path of ${from}`} value=${from ?? 'src/'}
        autocomplete="off" spellcheck="false" autocapitalize="off" aria-invalid=${String(problem !== undefined)} ${ref(focusOnce)} />
      <button type="submit" class="quiet">${from === undefined ? 'Add' : 'Rename'}</button>
      ${problem ? html`<p class="problem" role="alert">${problem}</p>` : ''}
    </form>
  `;
}

/** The same function each time, so that it is called once for each input. */
function focusOnce(input: Element | undefined): void {
  if (!(input instanceof HTMLInputElement)) return;
  queueMicrotask(() => {
    input.focus();
    input.setSelectionRange(input.value.lastIndexOf('/') + 1, input.value.length);
  });
}
