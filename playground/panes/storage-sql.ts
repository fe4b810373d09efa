/**
 * A console for SQL on the object that is looked at.
 *
 * Promise: reading is what happens unless writing was armed, and while it is, the pane says so in words. Errors are in
 * SQLite's or the platform's words.
 */
import { effect } from '@preact/signals-core';
import { live } from 'lit/directives/live.js';
import { html, type TemplateResult } from 'lit/html.js';
import type { App } from '../app.ts';
import { counted, duration, momentName, mount } from '../mount.ts';
import type { SqlConsole, SqlOutcome } from '../sql-console.ts';
import { gridOf } from './storage-grid.ts';

export function sqlPanel(place: HTMLElement, app: App): void {
  const form = document.createElement('div');
  const result = document.createElement('div');
  place.append(form, result);
  mount(form, () =>
    app.current.session.stored.object.value
      ? formOf(app)
      : html`<p class="empty">Choose an object to ask its database.</p>`,
  );
  mount(result, () => (app.current.session.stored.object.value ? resultOf(app) : html``));
  effect(() => {
    const { value } = app.current.console.outcome;
    if (value && value.state !== 'running') app.said.value = summary(value);
  });
}

function formOf(app: App): TemplateResult {
  const { console: sql, session } = app.current;
  const reason = session.stored.readOnlyReason.value;
  const mayWrite = sql.mayWrite.value;
  const isRunning = sql.outcome.value?.state === 'running';
  return html`
    <form class="sql" data-own-enter data-writes=${mayWrite} @submit=${(event: Event) => {
      event.preventDefault();
      sql.run();
    }}>
      <textarea aria-label="SQL" rows="3" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder="SELECT …" aria-keyshortcuts="Control+Enter Alt+ArrowUp Alt+ArrowDown"
        .value=${live(sql.draft.value)} @keydown=${(event: KeyboardEvent) => onKey(event, sql)} @input=${(event: Event) => sql.edit((event.target as HTMLTextAreaElement).value)}></textarea>
      <div class="sql-row">
        <button type="submit" class="outlined" title="Ctrl-Enter or ⌘-Enter" aria-disabled=${String(isRunning)}>${mayWrite ? 'Run, may write' : 'Run'}</button>
        ${
          reason === undefined
            ? html`<label class="check" title="Runs statements as the object itself would"><input type="checkbox" .checked=${live(mayWrite)} @change=${(event: Event) => sql.arm((event.target as HTMLInputElement).checked)} /> May write</label>`
            : html`<span class="dim">${reason}</span>`
        }
        <span class="gap"></span>
        <span class="dim number">${isRunning ? 'Running…' : took(sql.outcome.value)}</span>
      </div>
    </form>
  `;
}

function onKey(event: KeyboardEvent, sql: SqlConsole): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sql.run();
  else if (event.altKey && event.key === 'ArrowUp') sql.recall(1);
  else if (event.altKey && event.key === 'ArrowDown') sql.recall(-1);
  else return;
  event.preventDefault();
}

function resultOf(app: App): TemplateResult {
  const { console: sql, session } = app.current;
  const outcome = sql.outcome.value;
  if (!outcome) return teach(app);
  const { at, state } = outcome;
  const isOfShown = at?.at === session.stored.at.value?.at;
  return html`
    ${isOfShown ? '' : html`<p class="sql-note dim">This is of ${at ? momentName(at.timeMs, Date.now()) : 'now'}. Run again for the moment that is shown.</p>`}
    ${state === 'failed' ? failure(outcome, sql) : state === 'running' ? '' : rowsOf(outcome)}
  `;
}

function teach(app: App): TemplateResult {
  const { stored } = app.current.session;
  const tables = stored.tables.value?.tables.filter(({ isPlatform }) => !isPlatform) ?? [];
  return html`
    <p class="empty">
      ${
        tables.length > 0
          ? `There ${tables.length === 1 ? 'is' : 'are'} ${tables.map(({ name }) => name).join(', ')}.`
          : 'There are no tables yet; ctx.storage.sql.exec makes them.'
      }
      A statement here reads a copy of what is stored and wakes nothing. Ctrl-Enter runs, Alt-↑ and Alt-↓ bring back what you ran.
    </p>
  `;
}

function failure({ message, canArm }: Extract<SqlOutcome, { state: 'failed' }>, sql: SqlConsole): TemplateResult {
  return html`
    <p class="sql-note"><span class="problem">✕ ${message}</span></p>
    ${canArm ? html`<p class="sql-note dim">Statements that write, and several at once, run with <button type="button" class="link" @click=${() => sql.arm(true)}>May write</button>.</p>` : ''}
  `;
}

function rowsOf(outcome: Extract<SqlOutcome, { state: 'read' | 'wrote' }>): TemplateResult {
  const { columns, rows } = outcome.result;
  const isCut = outcome.state === 'read' && !outcome.result.isComplete;
  if (columns.length === 0) return html``;
  return html`
    ${gridOf({ label: 'Result', columns: columns.map((name) => ({ name })), rows })}
    ${rows.length === 0 ? html`<p class="empty">No rows.</p>` : ''}
    ${isCut ? html`<p class="sql-note dim">These are the first ${counted(rows.length, 'row')}; there are more.</p>` : ''}
  `;
}

function took(outcome: SqlOutcome | undefined): string {
  return outcome?.state === 'read' || outcome?.state === 'wrote' ? summary(outcome) : '';
}

function summary(outcome: SqlOutcome): string {
  switch (outcome.state) {
    case 'running':
      return 'Running…';
    case 'failed':
      return outcome.message;
    case 'read':
      return `${counted(outcome.result.rows.length, 'row')} · ${duration(outcome.tookMs)}`;
    case 'wrote':
      return `${counted(outcome.result.rows.length, 'row')} · ${outcome.result.rowsWritten} written · ${duration(outcome.tookMs)}`;
    default:
      return outcome satisfies never;
  }
}
