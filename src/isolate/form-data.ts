/**
 * `append` and `set` of FormData, as the platform has them.
 *
 * Promise: a blob that is no file is called by its field, unless a name is given; a name for a text is ignored; texts of the
 * refusals are workerd's (1.20260730, as observed). Everything else is the browser's.
 */
import { sentText } from '../base/bytes.ts';
import { uncurryThis } from '../base/primordials.ts';
import { define, named, parameterError } from './native-shape.ts';

const NativeBlob = Blob;
const NativeFile = File;

export function shapeForms(Form: typeof FormData): void {
  for (const method of ['append', 'set'] as const) {
    const native = uncurryThis(Form.prototype[method] as (...args: unknown[]) => void);
    const own = {
      [method](this: unknown, ...given: unknown[]): void {
        if (given.length === 0) throw parameterError(method, 'FormData', 1, 'string');
        if (given.length === 1) throw parameterError(method, 'FormData', 2, 'File or Blob or string');
        const name = sentText(`${given[0] as string}`);
        const value = given[1];
        if (!(value instanceof NativeBlob)) native(this, name, sentText(`${value as string}`));
        else if (given[2] !== undefined) native(this, name, value, sentText(`${given[2] as string}`));
        else if (value instanceof NativeFile) native(this, name, value);
        else native(this, name, value, name);
      },
    };
    define(Form.prototype, method, named(method, own[method] as () => void));
  }
}
