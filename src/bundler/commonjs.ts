/**
 * CommonJS modules as scripts: a wrapper that runs its module when it is first required, and a front for whoever imports it.
 *
 * Promise: a module runs once, when it is first required, whatever order modules are loaded in; one that nobody requires
 * never runs. Lines stay where they were. As in every bundle, the code is strict.
 *
 * Knows nothing of files: what a `require` leads to is given.
 */

import { declaringScope } from '../syntax/scope.ts';
import type { ModuleInfo } from './module-info.ts';

/** A `require('…')` of a module, by its specifier. */
export type Required =
  /** of another CommonJS module, or of any other kind */
  | { specifier: string; kind: 'commonjs' | 'esm' | 'value' }
  /** cannot be had: throws when it is required */
  | { specifier: string; kind: 'missing'; sentence: string };

const FREE_NAMES = ['module', 'exports', 'require'];

/** Whether a script without imports and exports is one of CommonJS. */
export function isCommonJs({ requests, exports, stars, names }: ModuleInfo): boolean {
  if (requests.some((one) => !one.isDynamic) || exports.length > 0 || stars.length > 0) return false;
  return names.references.some((one) => FREE_NAMES.includes(one.name) && !declaringScope(one));
}

/** The specifiers that a module requires by literal, each once, in order. */
export function requiredSpecifiers(code: string, { names }: ModuleInfo): string[] {
  const found = new Set<string>();
  for (const one of names.references) {
    if (one.name !== 'require' || declaringScope(one)) continue;
    const match = /^\s*\(\s*(['"`])([^'"`\\\n$]+)\1\s*,?\s*\)/.exec(code.slice(one.end, one.end + 1000));
    if (match) found.add(match[2] as string);
  }
  return [...found];
}

/** The specifier by which the wrapper imports what `specifier` leads to; it stands in the wrapper's text. */
export function wrapped(code: string, path: string, required: readonly Required[]): string {
  const imports = required.map(({ specifier, kind }, index) => {
    const from = JSON.stringify(specifier);
    if (kind === 'commonjs') return `import { $require as $${index} } from ${from};`;
    if (kind === 'esm') return `import * as $${index} from ${from};`;
    return kind === 'value' ? `import $${index} from ${from};` : '';
  });
  const cases = required.map((one, index) => `case ${JSON.stringify(one.specifier)}: ${answer(one, index)}`);
  const folder = `/${path.slice(0, Math.max(0, path.lastIndexOf('/')))}`;
  const head = [
    ...imports,
    'const $module = { exports: {}, children: [], loaded: false }; let $isRun = false;',
    'export function $require() { if (!$isRun) { $isRun = true;',
    `$body.call($module.exports, $module.exports, $requireById, $module, ${JSON.stringify(`/${path}`)}, ${JSON.stringify(folder)});`,
    '$module.loaded = true; } return $module.exports; }',
    `function $requireById(id) { switch (id) { ${cases.join(' ')} }`,
    `throw Object.assign(new Error("Cannot find module '" + id + "'"), { code: 'MODULE_NOT_FOUND' }); }`,
    'function $asCommonJs(ns) { return Object.assign(Object.defineProperty({}, "__esModule", { value: true }), ns); }',
    'void $asCommonJs; function $body(exports, require, module, __filename, __dirname) { ',
  ].join(' ');
  return `${head}${code.replace(/^#!.*/, '')}\n}\n`;
}

function answer(one: Required, index: number): string {
  switch (one.kind) {
    case 'commonjs':
      return `return $${index}();`;
    case 'esm':
      return `return $asCommonJs($${index});`;
    case 'value':
      return `return $${index};`;
    case 'missing':
      return `throw Object.assign(new Error(${JSON.stringify(one.sentence)}), { code: 'MODULE_NOT_FOUND' });`;
    default:
      return one satisfies never;
  }
}

/** What an importer sees: the module's `exports` as default (or its own `default`, if it was a module once), and names. */
export function front(wrapper: string, names: Iterable<string>): string {
  const given = [...new Set(names)].filter((name) => name !== 'default' && name !== '*');
  return [
    `import { $require } from ${JSON.stringify(wrapper)};`,
    'const $exports = $require();',
    "export default $exports?.__esModule && 'default' in $exports ? $exports.default : $exports;",
    ...given.map((name, index) => `const $${index} = $exports?.[${JSON.stringify(name)}];`),
    `export { ${given.map((name, index) => `$${index} as ${JSON.stringify(name)}`).join(', ')} };`,
  ].join('\n');
}

const ASSIGNED = /\bexports\.([A-Za-z_$][\w$]*)\s*=[^=]/g;
const DEFINED = /\bdefineProperty\(\s*(?:module\.)?exports\s*,\s*["']([A-Za-z_$][\w$]*)["']/g;
const OBJECT = /\bmodule\.exports\s*=\s*\{([^{}]*)\}/g;

/** Names that a module seems to export, for whoever imports all of it. */
export function seemingExports(code: string): string[] {
  const names = [...code.matchAll(ASSIGNED), ...code.matchAll(DEFINED)].map((match) => match[1] as string);
  for (const match of code.matchAll(OBJECT)) {
    for (const part of (match[1] as string).split(',')) {
      const name = /^\s*(?:["']?)([A-Za-z_$][\w$]*)(?:["']?)\s*(?::|$)/.exec(part)?.[1];
      if (name) names.push(name);
    }
  }
  return [...new Set(names)];
}
