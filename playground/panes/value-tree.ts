/**
 * A stored value to look into: one line, and its parts when it is opened.
 *
 * Promise: parts are written only when they are asked for, so a cycle has no end but costs nothing.
 */
import { ref } from 'lit/directives/ref.js';
import { html, render, type TemplateResult } from 'lit/html.js';
import { describe, PARTS_MAX } from '../stored-value.ts';

const DEPTH_MAX = 20;

export function valueTree(value: unknown, depth = 0): TemplateResult {
  const { line, partCount, parts } = describe(value);
  if (partCount === 0 || depth >= DEPTH_MAX) return html`<code>${line}</code>`;
  const write = (details: Element | undefined): void => {
    if (!(details instanceof HTMLDetailsElement) || !details.open) return;
    const written = html`
      ${parts().map(({ label, value: part }) => html`<div class="part"><span class="part-label">${label}</span> ${valueTree(part, depth + 1)}</div>`)}
      ${partCount > PARTS_MAX ? html`<p class="dim">and ${partCount - PARTS_MAX} more</p>` : ''}
    `;
    render(written, details.lastElementChild as HTMLElement);
  };
  return html`
    <details class="tree" ${ref(write)} @toggle=${(event: Event) => write(event.target as Element)}>
      <summary><code>${line}</code></summary>
      <div class="parts"></div>
    </details>
  `;
}
