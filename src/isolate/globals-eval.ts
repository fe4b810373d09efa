/**
 * Making code from text: allowed while the modules are evaluated, refused in every event.
 *
 * Promise: `eval`, the four function constructors and WebAssembly's compilers refuse with the platform's texts, and
 * the native ones are out of the program's reach; `instanceof Function` and subclasses of Function go on working.
 *
 * DIFFERS: while the modules are evaluated `eval` is always the indirect kind: it does not see the local variables; and text
 * with `import` in it is refused, because the browser would fetch what it names, whenever that code runs.
 */
import { arrayAppend, makeProxy, reflectConstruct, regExpExec } from '../base/primordials.ts';
import { WEBASSEMBLY_NAMES } from './globals-names.ts';
import { define, named } from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Callable = (...args: never[]) => unknown;

const EVAL_TEXT = 'Code generation from strings disallowed for this context';

export function guardCodeGeneration(scope: Scope, isGlobalScope: () => boolean): void {
  guardEval(scope, isGlobalScope);
  const samples: object[] = [async () => {}, function* () {}, async function* () {}];
  const NativeFunction = scope.Function;
  const guarded = guardConstructor(NativeFunction, isGlobalScope, true);
  defineHidden(scope, 'Function', guarded);
  defineHidden(NativeFunction.prototype, 'constructor', guarded);
  for (const sample of samples) {
    const prototype = Object.getPrototypeOf(sample) as object;
    const native = (prototype as { constructor: typeof Function }).constructor;
    // Its own prototype is the native Function, which must not be reached that way.
    Object.setPrototypeOf(native, guarded);
    defineHidden(prototype, 'constructor', guardConstructor(native, isGlobalScope, false));
  }
  if (scope.WebAssembly) guardWebAssembly(scope.WebAssembly, isGlobalScope);
}

/** A keyword has one spelling. */
const IMPORT = /\bimport\b/;

function imports(text: string): boolean {
  return regExpExec(IMPORT, text) !== null;
}

function guardEval(scope: Scope, isGlobalScope: () => boolean): void {
  const native = scope.eval;
  const guarded = (...args: unknown[]): unknown => {
    if (args.length === 0) return undefined;
    if (!isGlobalScope()) throw new EvalError(EVAL_TEXT);
    if (typeof args[0] === 'string' && imports(args[0])) throw new EvalError(EVAL_TEXT);
    return native(args[0] as string);
  };
  defineHidden(scope, 'eval', named('eval', guarded, 1));
}

/** `Function()` without any text makes an empty function even in an event; of the other three not even that. */
function guardConstructor(native: FunctionConstructor, isGlobalScope: () => boolean, emptyAllowed: boolean) {
  /** Gives the texts back, which are asked for once: an object may say something else the second time. */
  const checked = (args: unknown[]): string[] => {
    if (!(emptyAllowed && args.length === 0) && !isGlobalScope()) throw new EvalError(EVAL_TEXT);
    const texts: string[] = [];
    for (let i = 0; i < args.length; i++) {
      const text = `${args[i] as string}`;
      if (imports(text)) throw new EvalError(EVAL_TEXT);
      arrayAppend(texts, text);
    }
    return texts;
  };
  return makeProxy(native, {
    apply(target, _self, args: unknown[]) {
      return reflectConstruct(target, checked(args));
    },
    construct(target, args: unknown[], newTarget) {
      return reflectConstruct(target, checked(args), newTarget as Callable) as object;
    },
  });
}

function guardWebAssembly(wasm: typeof WebAssembly, isGlobalScope: () => boolean): void {
  for (const key of Object.getOwnPropertyNames(wasm)) {
    if (!WEBASSEMBLY_NAMES.includes(key)) Reflect.deleteProperty(wasm, key);
  }
  const refusal = (what: string) =>
    new wasm.CompileError(`WebAssembly.${what}(): Wasm code generation disallowed by embedder`);
  const { compile, instantiate, Module } = wasm;
  defineHidden(
    wasm,
    'compile',
    named(
      'compile',
      async (bytes: BufferSource) => {
        if (!isGlobalScope()) throw refusal('compile');
        return await compile(bytes);
      },
      1,
    ),
  );
  defineHidden(
    wasm,
    'instantiate',
    named(
      'instantiate',
      async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
        if (!(source instanceof Module) && isBytes(source) && !isGlobalScope()) throw refusal('instantiate');
        return await instantiate(source as WebAssembly.Module, imports);
      },
      1,
    ),
  );
  const guarded = makeProxy(Module, {
    construct(target, args: unknown[], newTarget) {
      if (!isGlobalScope()) throw refusal('Module');
      return reflectConstruct(target, args, newTarget as Callable) as object;
    },
  });
  defineHidden(wasm, 'Module', guarded);
  defineHidden(Module.prototype, 'constructor', guarded);
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Of the language, whose members are not listed. */
function defineHidden(on: object, key: string, value: unknown): void {
  define(on, key, value, false);
}
