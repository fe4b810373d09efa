/**
 * Puts `HTMLRewriter` into the scope of a program that names it. The build makes a library of this file and its engine
 * (tools/html-rewriter.ts); a bundler fetches it for such programs alone, and it runs before any of their code.
 */
import hooks from 'durabox:html';
import { objectDefineProperty, objectGetPrototypeOf } from '../base/primordials.ts';
import type { HtmlHooks } from '../protocol/html-hooks.ts';
import { makeHtmlRewriter } from './html-rewriter.ts';

objectDefineProperty(objectGetPrototypeOf(globalThis) as object, 'HTMLRewriter', {
  ...{ value: makeHtmlRewriter(hooks as HtmlHooks), enumerable: true, configurable: true, writable: true },
});
