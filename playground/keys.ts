/**
 * Keys that work wherever the focus is: Ctrl or ⌘ with Enter runs, F6 goes from pane to pane, single ones move the clock and evict.
 *
 * Promise: a key that is a single character is never taken from somebody who types or chooses, nor from a control that it works. Inside
 * `data-own-enter` Ctrl-Enter belongs to what stands there.
 */
import type { App } from './app.ts';
import type { SingleKey } from './single-keys.ts';

const CHARACTERS: Readonly<Record<string, SingleKey>> = {
  ' ': 'pause',
  '.': 'step',
  n: 'step',
  e: 'evict',
  '?': 'help',
};

/** Where characters are typed or choose something. */
const TYPED = 'input, select, textarea, [contenteditable], dialog';
/** What Space works. */
const WORKED = 'button, a[href], summary, [role=tab], [role=separator]';

export function listenForKeys(root: HTMLElement, app: App): void {
  // Captured, because the editor would take Ctrl-Enter for a new line.
  root.ownerDocument.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        if (event.target instanceof Element && event.target.closest('[data-own-enter]')) return;
        event.preventDefault();
        event.stopPropagation();
        app.run();
      } else if (event.key === 'F6' && !event.ctrlKey && !event.altKey && !event.metaKey) {
        event.preventDefault();
        nextPane(root, event.shiftKey ? -1 : 1)?.focus();
      }
    },
    { capture: true },
  );
  root.ownerDocument.addEventListener('keydown', (event) => {
    const key = singleKeyOf(event, root);
    if (!key || !app.keys.isOn.value) return;
    event.preventDefault();
    if (!event.repeat) act(key, app);
  });
}

function singleKeyOf(event: KeyboardEvent, root: HTMLElement): SingleKey | undefined {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  if (root.querySelector('dialog[open]')) return undefined;
  const { target } = event;
  if (target instanceof Element && target.closest(event.key === ' ' ? `${TYPED}, ${WORKED}` : TYPED)) return undefined;
  return CHARACTERS[event.key.toLowerCase()];
}

function act(key: SingleKey, app: App): void {
  switch (key) {
    case 'pause':
      void app.clock.pauseOrGo();
      return;
    case 'step':
      void app.clock.step();
      return;
    case 'evict':
      void app.acts.evictSelected();
      return;
    case 'help':
      app.isHelpOpen.value = true;
      return;
    default:
      key satisfies never;
  }
}

function nextPane(root: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null);
  const at = panes.findIndex((pane) => pane.contains(root.ownerDocument.activeElement));
  if (at < 0) return step === 1 ? panes[0] : panes.at(-1);
  return panes[(at + step + panes.length) % panes.length];
}
