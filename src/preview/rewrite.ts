/**
 * Scripts of a page that does not lie where it says: what they call `location` becomes the simulated one.
 *
 * Promise: only what means the global `location`, or could be the `location` of a window or document, is touched; lines
 * stay where they are. Every specifier and `import.meta.url` is absolute afterwards, so a module may lie at a blob's URL.
 * A script that does not parse is left as it is: the browser tells the error.
 *
 *     location               $durabox.location
 *     any.location           $durabox.of(any).location
 *     { location } = any     { location } = $durabox.of(any)
 *     import(x)              $durabox.load('<url>', x)
 *
 * DIFFERS: code that is made while it runs (`eval`, `new Function`, timers with a text) is not touched.
 */
import { type AnyNode, type Options, Parser, type Program } from 'acorn';
import { applyEdits, type Edit } from '../syntax/edits.ts';
import { analyzeNames, declaringScope } from '../syntax/scope.ts';

/** The one name that scripts find beside the browser's. */
export const FACADE = '$durabox';

/** `handler`: the text of an attribute such as `onclick`. */
export type ScriptKind = 'classic' | 'module' | 'handler';

export interface ScriptImport {
  /** absolute */
  readonly url: string;
  /** of the import attributes: `json`, `css`; else `script` */
  readonly type: string;
}

export interface Rewritten {
  readonly code: string;
  /** what a module imports statically, and dynamically by literals */
  readonly imports: readonly ScriptImport[];
}

export interface RewriteContext {
  /** where the script lies, or the page for one inside it */
  readonly url: string;
  /** @returns undefined for what leads nowhere: it is left as it is, and fails as it does in a browser */
  readonly resolve: (specifier: string, base: string) => string | undefined;
}

export function rewriteScript(code: string, kind: ScriptKind, context: RewriteContext): Rewritten {
  const program = parse(code, kind);
  if (!program) return { code, imports: [] };
  const rewriting = new Rewriting(code, context);
  rewriting.names(program);
  rewriting.visit(program, false);
  return { code: applyEdits(code, rewriting.edits).code, imports: rewriting.imports };
}

function parse(code: string, kind: ScriptKind): Program | undefined {
  const options: Options = {
    ecmaVersion: 'latest',
    sourceType: kind === 'module' ? 'module' : 'script',
    allowHashBang: true,
    preserveParens: true,
    allowReturnOutsideFunction: kind === 'handler',
  };
  try {
    return Parser.parse(code, options);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Imports = AnyNode & { type: 'ImportDeclaration' | 'ExportAllDeclaration' | 'ExportNamedDeclaration' };

class Rewriting {
  readonly edits: Edit[] = [];
  readonly imports: ScriptImport[] = [];
  readonly #code: string;
  readonly #context: RewriteContext;

  constructor(code: string, context: RewriteContext) {
    this.#code = code;
    this.#context = context;
  }

  names(program: Program): void {
    for (const reference of analyzeNames(program).references) {
      if (reference.name !== 'location' || declaringScope(reference)) continue;
      const { start, end, isShorthand } = reference;
      this.edits.push({ start, end, text: `${isShorthand ? 'location: ' : ''}${FACADE}.location` });
    }
  }

  /** @param isNew  what `new` makes an instance of: a call there needs parentheses */
  visit(node: AnyNode, isNew: boolean): void {
    switch (node.type) {
      case 'MemberExpression':
        this.#member(node, isNew);
        return;
      case 'NewExpression':
        this.visit(node.callee, true);
        for (const argument of node.arguments) this.visit(argument, false);
        return;
      case 'VariableDeclarator':
        if (node.init && takesLocation(node.id)) this.#wrap(node.init, false);
        break;
      case 'AssignmentExpression':
        if (takesLocation(node.left)) this.#wrap(node.right, false);
        break;
      case 'ImportExpression':
        this.#dynamic(node);
        return;
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
        this.#static(node);
        break;
      default:
    }
    this.#children(node);
  }

  #children(node: AnyNode): void {
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof (child as AnyNode).type === 'string') this.visit(child as AnyNode, false);
      }
    }
  }

  #member(node: AnyNode & { type: 'MemberExpression' }, isNew: boolean): void {
    const { object, property, computed } = node;
    const name = nameOf(property, computed);
    if (object.type === 'MetaProperty') {
      if (name === 'url')
        this.edits.push({ start: node.start, end: node.end, text: JSON.stringify(this.#context.url) });
      if (name === 'resolve') {
        const text = `${FACADE}.resolver(${JSON.stringify(this.#context.url)})`;
        this.edits.push({ start: node.start, end: node.end, text: isNew ? `(${text})` : text });
      }
      return;
    }
    if (name === 'location' && object.type !== 'Super') {
      this.#wrap(object, isNew);
      // `a?.b.location` is undefined where `a` is: the call must not end that.
      if (!node.optional && isInChain(object)) this.#makeOptional(node);
    }
    this.visit(object, isNew);
    if (computed) this.visit(property as AnyNode, false);
  }

  #makeOptional({ object, property, computed }: AnyNode & { type: 'MemberExpression' }): void {
    const at = computed ? object.end : this.#code.lastIndexOf('.', property.start - 1);
    this.edits.push({ start: at, end: at, text: computed ? '?.' : '?' });
  }

  #wrap({ start, end }: AnyNode, isNew: boolean): void {
    this.edits.push({ start, end: start, text: `${isNew ? '(' : ''}${FACADE}.of(` });
    this.edits.push({ start: end, end, text: isNew ? '))' : ')' });
  }

  #dynamic(node: AnyNode & { type: 'ImportExpression' }): void {
    const { source, options } = node;
    const lines = this.#code.slice(node.start, source.start).replace(/[^\n\r\u2028\u2029]/g, '');
    const text = `${FACADE}.load(${JSON.stringify(this.#context.url)}, ${lines}`;
    this.edits.push({ start: node.start, end: source.start, text });
    if (source.type === 'Literal' && typeof source.value === 'string' && !options) this.#note(source.value, 'script');
    this.visit(source, false);
    if (options) this.visit(options, false);
  }

  #static(node: Imports): void {
    const { source } = node;
    if (!source || typeof source.value !== 'string') return;
    const type = node.attributes.find(({ key }) => nameOf(key, false) === 'type')?.value.value;
    const url = this.#note(source.value, typeof type === 'string' ? type : 'script');
    if (url !== undefined) this.edits.push({ start: source.start, end: source.end, text: JSON.stringify(url) });
  }

  #note(specifier: string, type: string): string | undefined {
    const url = this.#context.resolve(specifier, this.#context.url);
    if (url !== undefined) this.imports.push({ url, type });
    return url;
  }
}

function nameOf(node: AnyNode, isComputed: boolean): string | undefined {
  if (node.type === 'Literal') return String(node.value);
  return node.type === 'Identifier' && !isComputed ? node.name : undefined;
}

/** Whether a pattern takes a property `location` out of what it is given. */
function takesLocation(pattern: AnyNode): boolean {
  if (pattern.type !== 'ObjectPattern') return false;
  return pattern.properties.some((one) => one.type === 'Property' && nameOf(one.key, one.computed) === 'location');
}

/** Whether some step up to here is a `?.` of the same chain. */
function isInChain(node: AnyNode): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return node.optional || isInChain(node.object);
    case 'CallExpression':
      return node.optional || isInChain(node.callee);
    default:
      return false;
  }
}
