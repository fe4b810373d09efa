/**
 * Small things that this browser remembers for the page: edits, sizes, the theme.
 *
 * Promise: never throws because remembering is forbidden or full; then it remembers until the page goes. The accounts'
 * data are not here: the simulator keeps those.
 */

export interface Keep {
  /** What was written under `key`, or undefined. */
  read(key: string): unknown;
  /** Plain JSON; undefined forgets. */
  write(key: string, value: unknown): void;
  /** Another tab wrote `key`. Returns what stops it. */
  onChange(listener: (key: string) => void): () => void;
}

const PREFIX = 'durabox:playground:';

/** `storage` is a function because merely naming localStorage throws where it is blocked. */
export function keepIn(storage: () => Storage, page: Window = window): Keep {
  const memory = new Map<string, string>();
  const attempt = <Result>(work: (store: Storage) => Result): Result | undefined => {
    try {
      return work(storage());
    } catch (error) {
      if (error instanceof DOMException) return undefined;
      throw error;
    }
  };
  return {
    read(key) {
      const text = memory.get(key) ?? attempt((store) => store.getItem(PREFIX + key)) ?? undefined;
      return text === undefined ? undefined : parse(text);
    },
    write(key, value) {
      memory.delete(key);
      if (value === undefined) {
        attempt((store) => store.removeItem(PREFIX + key));
        return;
      }
      const text = JSON.stringify(value);
      const kept = attempt((store) => {
        store.setItem(PREFIX + key, text);
        return true;
      });
      if (!kept) memory.set(key, text);
    },
    onChange(listener) {
      const heard = (event: StorageEvent): void => {
        if (event.key?.startsWith(PREFIX)) listener(event.key.slice(PREFIX.length));
      };
      page.addEventListener('storage', heard);
      return () => page.removeEventListener('storage', heard);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // written by something else; begin anew
    throw error;
  }
}
