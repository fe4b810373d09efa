/**
 * The editor's pane: the file's name, the code, and below it what is wrong with it.
 *
 * Promise: the code can be read at once and edited when CodeMirror has arrived; until then it stands there as text.
 * Tab reaches the frame, not the text: Enter goes in, Escape comes out.
 */
import { effect, signal } from '@preact/signals-core';
import { html } from 'lit/html.js';
import { sentenceOf } from '../account.ts';
import type { App } from '../app.ts';
import { mount } from '../mount.ts';
import type { CodeEditor } from './code-mirror.ts';

export function editorPane(place: HTMLElement, app: App): void {
  const tabMoves = signal(false);
  const problem = signal<string | undefined>(undefined);
  const head = part('div', 'label-row');
  const frame = part('div', 'code');
  const foot = part('div', 'fault-place');
  const plain = part('pre', 'code-plain');
  place.append(head, frame, foot);
  frame.append(plain);
  frame.tabIndex = 0;
  frame.role = 'group';

  mount(head, () => {
    const { current } = app.current.workspace;
    frame.ariaLabel = `Code editor, ${current.value}. Enter to edit, Escape to leave.`;
    return html`
      <h2 class="label">Code</h2>
      <span class="file-title">${current.value}</span>
      <span class="gap"></span>
      ${problem.value === undefined ? '' : html`<span class="problem">The editor did not load: ${problem.value}</span>`}
      <span class="hint dim">${tabMoves.value ? 'Tab moves on, Ctrl-M: indents' : 'Esc leaves, Ctrl-M: Tab moves on'}</span>
    `;
  });
  mount(foot, () => {
    const { value } = app.current.session.deployment;
    if (value.state !== 'failed') return html``;
    const { sentence, place: at } = value.fault;
    return html`
      <div class="fault" role="alert">
        <p class="problem">${sentence}</p>
        <p>
          ${at ? html`<button type="button" class="link" @click=${() => app.show(at)}>${at.file}, line ${at.line}, column ${at.column}</button>` : ''}
          <span class="dim">${value.running ? 'The previous deployment keeps running.' : 'Nothing ran before.'}</span>
        </p>
      </div>
    `;
  });
  const stopPlain = effect(() => {
    const { files, current } = app.current.workspace;
    plain.textContent = files.value[current.value] ?? '';
  });
  import('./code-mirror.ts')
    .then(({ createCodeEditor }) => {
      stopPlain();
      plain.remove();
      const editor = createCodeEditor({
        parent: frame,
        onEdit: (path, text) => app.current.workspace.write(path, text),
        onLeave: () => frame.focus(),
        onTabMode: (moves) => {
          tabMoves.value = moves;
        },
      });
      frame.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.target !== frame) return;
        event.preventDefault();
        editor.focus();
      });
      connect(editor, app);
    })
    .catch((error: unknown) => {
      problem.value = sentenceOf(error);
    });
}

/** The editor follows the workspace, the faults, and wishes to see a place. */
function connect(editor: CodeEditor, app: App): void {
  let shown: unknown;
  effect(() => {
    const { workspace } = app.current;
    if (shown !== workspace) editor.forget();
    shown = workspace;
    editor.show(workspace.current.value, workspace.files.value[workspace.current.value] ?? '');
  });
  effect(() => {
    const { workspace, session } = app.current;
    const { value } = session.deployment;
    const fault = value.state === 'failed' ? value.fault : undefined;
    editor.mark(fault?.place?.file === workspace.current.value ? fault : undefined);
  });
  effect(() => {
    const { value } = app.wish;
    if (value?.pane === 'editor') editor.goTo(value.place, value.how);
  });
}

function part(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
