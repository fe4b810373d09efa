/**
 * Keys that work wherever the focus is: Ctrl or ⌘ with Enter runs, F6 goes from pane to pane. Inside `data-own-enter`
 * Ctrl-Enter belongs to what stands there.
 */
import type { App } from './app.ts';

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
}

function nextPane(root: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const panes = [...root.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null);
  const at = panes.findIndex((pane) => pane.contains(root.ownerDocument.activeElement));
  if (at < 0) return step === 1 ? panes[0] : panes.at(-1);
  return panes[(at + step + panes.length) % panes.length];
}
