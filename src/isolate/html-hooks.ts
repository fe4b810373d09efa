/** Makes what an isolate lends to `HTMLRewriter`, and what stands in its place where no code of the program names it. */
import type { AsyncContext } from '../base/async-context.ts';
import type { HtmlHooks } from '../protocol/html-hooks.ts';
import type { ErrorCodec } from '../rpc/errors.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { type AnyConstructor, refusingConstructor } from './native-shape.ts';

interface Lender {
  readonly classes: FetchClasses;
  readonly codecs: { readonly errors: ErrorCodec };
}

export function htmlHooks(runtime: Lender, context: AsyncContext): HtmlHooks {
  const { classes } = runtime;
  return {
    Response: classes.Response,
    isResponse: (value) => classes.isResponse(value),
    keepContext() {
      const { frame } = context;
      return (call) => context.enter(frame, call, undefined, []);
    },
    arrived: (thrown) => runtime.codecs.errors.decode(runtime.codecs.errors.encode(thrown)),
  };
}

/** DIFFERS: it is loaded with the programs that name it; one that makes up the name gets this. */
export function absentHtmlRewriter(): AnyConstructor {
  const text =
    'HTMLRewriter was not loaded: Durabox loads it with programs whose code names it, where it was built or given.';
  return refusingConstructor('HTMLRewriter', {}, () => new Error(text));
}
