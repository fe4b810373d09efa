/**
 * Rows of a query as a table.
 *
 * Promise: every cell can be told apart from every other: NULL from the text NULL, a number from its digits, bytes from
 * both; what does not fit on a line can be opened.
 */
import { html, type TemplateResult } from 'lit/html.js';
import type { InspectedValue } from '../../src/index.ts';
import { byteCount } from '../mount.ts';

export interface Grid {
  /** read by screen readers */
  readonly label: string;
  readonly columns: readonly { readonly name: string; readonly type?: string }[];
  readonly rows: readonly (readonly (InspectedValue | ArrayBuffer)[])[];
}

const TEXT_LINE = 60;
const TEXT_MAX = 10_000;
const BYTES_LINE = 8;
const BYTES_MAX = 512;

export function gridOf({ label, columns, rows }: Grid): TemplateResult {
  return html`
    <div class="grid-frame" role="region" aria-label=${label} tabindex="0">
      <table class="grid">
        <thead>
          <tr>${columns.map(({ name, type }) => html`<th scope="col">${name}${type ? html` <span class="dim">${type}</span>` : ''}</th>`)}</tr>
        </thead>
        <tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody>
      </table>
    </div>
  `;
}

function cell(value: InspectedValue | ArrayBuffer): TemplateResult {
  if (value === null) return html`<td data-is="null"><span>NULL</span></td>`;
  if (typeof value === 'number') return html`<td data-is="number">${numberText(value)}</td>`;
  if (typeof value === 'bigint') return html`<td data-is="number">${value}</td>`;
  if (typeof value === 'string') return html`<td data-is="text">${text(value)}</td>`;
  return html`<td data-is="bytes">${bytes(value instanceof ArrayBuffer ? new Uint8Array(value) : value)}</td>`;
}

function text(value: string): TemplateResult | string {
  if (value.length <= TEXT_LINE && !value.includes('\n')) return value;
  const [first = ''] = value.slice(0, TEXT_LINE).split('\n', 1);
  const rest = value.length > TEXT_MAX ? ` … and ${value.length - TEXT_MAX} characters more` : '';
  return html`<details><summary>${first}…</summary><div class="cell-all">${value.slice(0, TEXT_MAX)}${rest}</div></details>`;
}

/** As SQL writes it, as far as it goes on a line. */
function bytes(value: Uint8Array): TemplateResult {
  const size = html`<span class="dim number">${byteCount(value.length)}</span>`;
  if (value.length <= BYTES_LINE) return html`x'${hex(value)}' ${size}`;
  const rest = value.length > BYTES_MAX ? ' …' : '';
  return html`
    <details>
      <summary>x'${hex(value.subarray(0, BYTES_LINE))}…' ${size}</summary>
      <div class="cell-all">${hex(value.subarray(0, BYTES_MAX))}${rest}</div>
    </details>
  `;
}

export function hex(value: Uint8Array): string {
  return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}
