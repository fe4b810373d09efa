/**
 * Errors as bytes: V8's own error (`r`), and the two host objects that workerd writes instead.
 *
 * Promise: what workerd writes for an error, byte for byte, and what it makes of those bytes.
 *
 *     nativeError    \ 10 code [name] message properties     name only with code 0; message is a value and must be a
 *                    string to be read; properties are one plain object: every own property with a string key but
 *                    `name` and `message`, hidden ones included, array indexes not
 *     domException   \ 8 name message stack                  UTF-8 behind lengths; stack empty when there is none
 *
 * workerd uses them from `enhanced_error_serialization` (compatibility date 2026-04-21) on; before, an error is V8's
 * own and a DOMException is the same host object.
 *
 * Like workerd, an error in a `nativeError` cannot be referred to before it is whole: one that reaches itself through
 * its cause can be written but not read.
 */
import {
  domExceptionCode,
  domExceptionMessage,
  domExceptionName,
  mapGet,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectGetOwnPropertyNames,
  objectHasOwn,
  objectKeys,
  reflectConstruct,
} from '../base/primordials.ts';
import { arrayIndexOf } from './array-index.ts';
import { ERROR_PROTOTYPE_TAGS, ErrorTag, NATIVE_ERROR_CODES } from './tags.ts';

/** `keep` writes the `stack` an error has; `drop` writes none, and the reader's own place shows instead. */
export type ErrorStacks = 'keep' | 'drop';

/** What an error's writer needs of the serializer. */
export interface ErrorSink {
  writeUint32(value: number): void;
  writeUtf8(text: string): void;
  writeValue(value: unknown): void;
  /** a string as a value: tag and characters */
  writeString(text: string): void;
  /** an object that exists only in the bytes; takes the next id */
  beginObject(): void;
  endObject(propertyCount: number): void;
}

/** What an error's reader needs of the deserializer. */
export interface ErrorSource {
  readUint32(): number;
  readUtf8(): string;
  readValue(): unknown;
  /** a value that must be a string */
  readString(): string;
  fail(reason: string): never;
}

const EngineError = Error;
let plain: Error | undefined;

/**
 * Whether this engine puts the property on every error: V8 does so with `stack` only.
 *
 * The error to tell by is made when first asked and not while the script is evaluated: where a debugger listens (in tests),
 * V8 looks for the place of each error at once, and parses the whole script a second time for it.
 */
function isOfEngine(key: string): boolean {
  plain ??= new EngineError('x');
  return objectHasOwn(plain, key);
}

export type ErrorLike = { name?: unknown; message?: unknown; stack?: unknown } & Record<string, unknown>;

export function writeNativeError(sink: ErrorSink, error: ErrorLike, stacks: ErrorStacks): void {
  const name = error.name;
  const code = typeof name === 'string' ? (mapGet(NATIVE_ERROR_CODES as Map<string, number>, name) ?? 0) : 0;
  sink.writeUint32(code);
  if (code === 0) sink.writeValue(name);
  sink.writeValue(error.message);
  sink.beginObject();
  let count = 0;
  const write = (key: string) => {
    sink.writeString(key);
    sink.writeValue(error[key]);
    count++;
  };
  const hasOwnStack = isOfEngine('stack');
  if (stacks === 'keep' && !hasOwnStack && typeof error.stack === 'string') write('stack');
  const keys = objectGetOwnPropertyNames(error);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (key === 'name' || key === 'message' || arrayIndexOf(key) >= 0) continue;
    if (key === 'stack' && (stacks === 'drop' || !hasOwnStack)) continue;
    if (key !== 'stack' && isOfEngine(key) && objectGetOwnPropertyDescriptor(error, key)?.enumerable === false)
      continue;
    write(key);
  }
  sink.endObject(count);
}

export function readNativeError(source: ErrorSource): Error {
  const code = source.readUint32();
  if (code >= errorTypes.length) source.fail(`no error has the code ${code}`);
  const name = code === 0 ? source.readValue() : undefined;
  const message = source.readString();
  const properties = source.readValue();
  if (typeof properties !== 'object' || properties === null) source.fail("an error's properties are not an object");
  const type = errorTypes[code];
  // Built as a plain Error under the other's prototype: AggregateError would add `errors`, SuppressedError two more.
  const error = reflectConstruct(Error_, [message], type ?? Error_) as Error;
  if (code === 0) define(error, 'name', name, true);
  else if (!type) define(error, 'name', errorNames[code], true);
  const keys = objectKeys(properties);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    define(error, key, (properties as Record<string, unknown>)[key], true);
  }
  return error;
}

export function writeDomException(sink: ErrorSink, exception: object, stacks: ErrorStacks): void {
  sink.writeUtf8(domExceptionName(exception));
  sink.writeUtf8(domExceptionMessage(exception));
  const stack = stacks === 'keep' ? (exception as ErrorLike).stack : '';
  sink.writeUtf8(typeof stack === 'string' ? stack : '');
}

export function readDomException(source: ErrorSource): DOMException {
  const name = source.readUtf8();
  const message = source.readUtf8();
  const stack = source.readUtf8();
  const exception = new DOMException_(message, name);
  ownExceptionFields(exception);
  if (stack !== '') define(exception, 'stack', stack, true);
  return exception;
}

/** Makes the fields of a DOMException its own, as workerd's are; a browser's are on the prototype. Its stack is nobody's business here. */
export function ownExceptionFields(exception: DOMException): void {
  const field = { enumerable: true, writable: false, configurable: true };
  objectDefineProperty(exception, 'code', { ...field, value: domExceptionCode(exception) });
  objectDefineProperty(exception, 'name', { ...field, value: domExceptionName(exception) });
  objectDefineProperty(exception, 'message', { ...field, value: domExceptionMessage(exception) });
}

/** V8's own error, behind its tag. The order is V8 15's; node 20 writes the cause before the stack. */
export function writeV8Error(sink: ErrorSink, error: ErrorLike, stacks: ErrorStacks): void {
  const message = objectGetOwnPropertyDescriptor(error, 'message');
  const cause = objectGetOwnPropertyDescriptor(error, 'cause');
  const tag = mapGet(ERROR_PROTOTYPE_TAGS as Map<string, number>, `${error.name}`);
  if (tag !== undefined) sink.writeUint32(tag);
  if (message && 'value' in message) {
    sink.writeUint32(ErrorTag.message);
    sink.writeString(`${message.value}`);
  }
  const stack = stacks === 'keep' ? error.stack : undefined;
  if (typeof stack === 'string') {
    sink.writeUint32(ErrorTag.stack);
    sink.writeString(stack);
  }
  if (cause && 'value' in cause) {
    sink.writeUint32(ErrorTag.cause);
    sink.writeValue(cause.value);
  }
  sink.writeUint32(ErrorTag.end);
}

/** `adopt` takes the error as soon as it exists, so that its cause may refer to it. */
export function readV8Error(source: ErrorSource, adopt: (error: Error) => void): Error {
  let tag = source.readUint32();
  let type: ErrorType = Error_;
  const named = mapGet(v8ErrorTypes, tag);
  if (named) {
    type = named;
    tag = source.readUint32();
  }
  const error = reflectConstruct(Error_, [], type) as Error;
  adopt(error);
  define(error, 'stack', undefined, false);
  for (; tag !== ErrorTag.end; tag = source.readUint32()) {
    if (tag === ErrorTag.message) define(error, 'message', source.readString(), false);
    else if (tag === ErrorTag.stack) define(error, 'stack', source.readString(), false);
    else if (tag === ErrorTag.cause) define(error, 'cause', source.readValue(), false);
    else source.fail(`an error has no part ${tag}`);
  }
  return error;
}

type ErrorType = abstract new (message: string) => Error;

const Error_ = Error;
const DOMException_ = DOMException;
const errorNames: string[] = ['', ...NATIVE_ERROR_CODES.keys()];
/** By code; undefined for 0 and for a class that this platform lacks. */
const errorTypes: (ErrorType | undefined)[] = errorNames.map(findErrorType);
const v8ErrorTypes = new Map(
  [...ERROR_PROTOTYPE_TAGS].map(([name, tag]) => [tag, findErrorType(name) ?? Error_] as const),
);

function findErrorType(name: string): ErrorType | undefined {
  const isWasm = name.startsWith('Wasm');
  const space: object | undefined = isWasm ? (globalThis as { WebAssembly?: object }).WebAssembly : globalThis;
  const type: unknown = (space as Record<string, unknown> | undefined)?.[isWasm ? name.slice(4) : name];
  return typeof type === 'function' ? (type as unknown as ErrorType) : undefined;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  objectDefineProperty(target, key, { value, writable: true, enumerable, configurable: true });
}
