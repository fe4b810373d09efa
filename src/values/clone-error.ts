/**
 * How the platform words a refusal to clone.
 *
 * Promise: the text is V8's own for the value, on every browser; making it runs user code only where V8 would look at a
 * property too, and whatever that code throws is ignored.
 */
import { notSerializableText } from '../base/platform-objects.ts';
import { classNameOf, shownByV8 } from '../base/shown-by-v8.ts';

/** `unserializable-type`: an ordinary object whose class nobody can write. `uncloneable`: V8 itself refuses. */
export type CloneErrorKind = 'unserializable-type' | 'uncloneable';

export function dataCloneError(text: string): DOMException {
  return new DOMException(text, 'DataCloneError');
}

/** The whole sentence for `value`. */
export function cloneErrorText(value: unknown, kind: CloneErrorKind): string {
  return kind === 'uncloneable'
    ? `${shownByV8(value)} could not be cloned.`
    : notSerializableText(classNameOf(value as object) ?? 'Object');
}

export const DETACHED_BUFFER_TEXT = 'An ArrayBuffer is detached and could not be cloned.';
/** A view that fell out of its shrunken buffer; V8 prints a typed array then as a nameless object. */
export const OUT_OF_BOUNDS_ARRAY_TEXT = '[object Object] could not be cloned.';
export const OUT_OF_BOUNDS_DATA_VIEW_TEXT = '#<DataView> could not be cloned.';
/** DIFFERS: workerd stores a SharedArrayBuffer as a number that nothing can read back. */
export const SHARED_BUFFER_TEXT = '#<SharedArrayBuffer> could not be cloned.';
