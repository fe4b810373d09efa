/**
 * The tables and views of the object that is looked at: a line for each; opened, its schema and its rows.
 *
 * Promise: rows are read only of the table that is open. The platform's own tables are shown when they are asked for.
 */

import { repeat } from 'lit/directives/repeat.js';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { InspectedColumn, InspectedTable } from '../../src/index.ts';
import type { App } from '../app.ts';
import { counted, mount } from '../mount.ts';
import { nameOf } from '../object-acts.ts';
import { quoted, type TablesLook } from '../stored.ts';
import { gridOf } from './storage-grid.ts';

export function tablesPanel(place: HTMLElement, app: App): void {
  mount(place, () => {
    const { stored } = app.current.session;
    const object = stored.object.value;
    const look = stored.tables.value;
    const problem = stored.problem.value;
    if (!object) return html`<p class="empty">Choose an object to see its tables.</p>`;
    if (problem !== undefined) return html`<p class="empty problem">✕ ${problem}</p>`;
    if (!look) return html``;
    const own = look.tables.filter(({ isPlatform }) => !isPlatform);
    const platform = look.tables.filter(({ isPlatform }) => isPlatform);
    const shown = stored.showsPlatform.value ? look.tables : own;
    return html`
      ${own.length === 0 ? html`<p class="empty">${nameOf(object)} has no tables; ctx.storage.sql.exec makes them.</p>` : ''}
      <ul class="tables" aria-label="Tables">
        ${repeat(
          shown,
          ({ name }) => name,
          (table) => item(table, look, app),
        )}
      </ul>
      ${
        platform.length > 0
          ? html`<label class="check storage-tools"><input type="checkbox" .checked=${stored.showsPlatform.value} @change=${() => {
              stored.showsPlatform.value = !stored.showsPlatform.value;
            }} /> The platform's own tables</label>`
          : ''
      }
    `;
  });
}

function item(table: InspectedTable, look: TablesLook, app: App): TemplateResult {
  const { stored } = app.current.session;
  const { name, kind, rowCount } = table;
  const isOpen = stored.openTable.value === name;
  return html`
    <li class="table" data-table=${name}>
      <button type="button" class="table-name" aria-expanded=${String(isOpen)} @click=${() => stored.toggle(name)}>
        <span class="name">${name}</span>
        ${kind === 'table' ? '' : html`<span class="dim">${kind}</span>`}
        <span class="gap"></span>
        <span class="dim number">${rowCount === undefined ? '' : counted(rowCount, 'row')}</span>
      </button>
      ${isOpen ? opened(table, look, app) : ''}
    </li>
  `;
}

function opened(table: InspectedTable, { rows }: TablesLook, app: App): TemplateResult {
  return html`
    <div class="table-inside">
      <div class="table-tools">
        ${schema(table)}
        <button type="button" class="quiet" @click=${() => ask(table, app)}>Query</button>
      </div>
      ${rows === undefined ? '' : rowsOf(table, rows, app)}
    </div>
  `;
}

function rowsOf(table: InspectedTable, rows: NonNullable<TablesLook['rows']>, app: App): TemplateResult {
  if ('problem' in rows) return html`<p class="sql-note"><span class="problem">✕ ${rows.problem}</span></p>`;
  const columns = rows.columns.map((name) => ({
    name,
    type: table.columns.find((one) => one.name === name)?.type ?? '',
  }));
  const { stored } = app.current.session;
  return html`
    ${gridOf({ label: `Rows of ${table.name}`, columns, rows: rows.rows })}
    ${rows.rows.length === 0 ? html`<p class="sql-note dim">No rows.</p>` : ''}
    ${rows.isComplete ? '' : html`<p class="storage-more"><button type="button" class="quiet" @click=${() => stored.moreRows()}>More rows</button> <span class="dim">after the first ${counted(rows.rows.length, 'row')}</span></p>`}
  `;
}

/** Takes the table to the console. */
function ask({ name }: InspectedTable, app: App): void {
  const { console: sql, session } = app.current;
  sql.edit(`SELECT * FROM ${/^[a-z_]\w*$/i.test(name) ? name : quoted(name)}`);
  session.stored.show('sql');
  sql.run();
  document.querySelector<HTMLElement>('.sql textarea')?.focus();
}

function schema({ columns, parts, sql }: InspectedTable): TemplateResult {
  const count = (kind: 'index' | 'trigger'): number => parts.filter((part) => part.kind === kind).length;
  const facts = [
    counted(columns.length, 'column'),
    ...(count('index') > 0 ? [counted(count('index'), 'index', 'indexes')] : []),
    ...(count('trigger') > 0 ? [counted(count('trigger'), 'trigger')] : []),
  ];
  return html`
    <details class="schema">
      <summary>${facts.join(', ')}</summary>
      <ul class="columns" aria-label="Columns">${columns.map(columnLine)}</ul>
      <pre class="schema-sql">${[sql, ...parts.map((part) => part.sql)].filter((text) => text !== '').join(';\n\n')};</pre>
      ${impliedIndexes(parts)}
    </details>
  `;
}

function columnLine({ name, type, isPrimaryKey, isNullable, default: fallback }: InspectedColumn): TemplateResult {
  const facts = [
    ...(isPrimaryKey ? ['primary key'] : []),
    ...(isNullable || isPrimaryKey ? [] : ['not null']),
    ...(fallback === undefined ? [] : [`default ${fallback}`]),
  ];
  return html`<li><code>${name}</code> <span class="dim">${type}${facts.length > 0 && type !== '' ? ' · ' : ''}${facts.join(' · ')}</span></li>`;
}

/** Those that a constraint brings along have no statement. */
function impliedIndexes(parts: InspectedTable['parts']): TemplateResult | typeof nothing {
  const names = parts.filter(({ sql }) => sql === '').map(({ name }) => name);
  if (names.length === 0) return nothing;
  return html`<p class="dim">${names.length === 1 ? 'Index of a constraint' : 'Indexes of constraints'}: ${names.join(', ')}</p>`;
}
