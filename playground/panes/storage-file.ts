/**
 * Storage as a file: saved by the browser, chosen, or dropped on the pane.
 *
 * Promise: a file that arrives replaces nothing before somebody has agreed to it.
 */
import { sentenceOf } from '../account.ts';
import type { App } from '../app.ts';
import { byteCount } from '../mount.ts';

export async function download(app: App): Promise<void> {
  const { stored, changes } = app.current.session;
  try {
    const file = await changes.download();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    // The download has begun by the time that a task has passed.
    setTimeout(() => URL.revokeObjectURL(link.href));
    app.said.value = `${file.name} was saved, ${byteCount(file.size)}.`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    stored.notice.value = { kind: 'problem', sentence: sentenceOf(error), isUnchanged: false };
  }
}

export function pickFile(app: App): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true; // a database may come with its log
  input.accept = '.sqlite,.sqlite3,.db,.sqlite-wal,.db-wal,application/vnd.sqlite3';
  input.addEventListener('change', () => app.current.session.changes.offer([...(input.files ?? [])]));
  input.click();
}

/** While a file is held over the pane, the pane says what would become of it. */
export function listenForDrops(pane: HTMLElement, app: App): void {
  const canTake = ({ dataTransfer }: DragEvent): boolean => {
    const { object, readOnlyReason } = app.current.session.stored;
    return Boolean(dataTransfer?.types.includes('Files') && object.value && readOnlyReason.value === undefined);
  };
  pane.addEventListener('dragover', (event) => {
    if (!canTake(event)) return;
    event.preventDefault();
    pane.dataset['drop'] = 'true';
  });
  pane.addEventListener('dragleave', (event) => {
    if (event.relatedTarget instanceof Node && pane.contains(event.relatedTarget)) return;
    delete pane.dataset['drop'];
  });
  pane.addEventListener('drop', (event) => {
    delete pane.dataset['drop'];
    if (!canTake(event)) return;
    event.preventDefault();
    app.current.session.changes.offer([...(event.dataTransfer?.files ?? [])]);
  });
}
