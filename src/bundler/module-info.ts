/**
 * What one module asks of others and offers them.
 *
 * Promise: imports and exports are listed in the order of the text and in one form each, whichever of the language's
 * many ways of writing them was used.
 * Knows nothing of other modules: a source is the specifier as written.
 */
import type { AnyNode, Identifier, ImportAttribute, Literal, Program } from 'acorn';
import { analyzeNames, type Names } from '../syntax/scope.ts';

/** One place where a specifier stands. */
export interface Request {
  specifier: string;
  /** the literal, quotes included */
  start: number;
  end: number;
  isDynamic: boolean;
  /** `with { … }`, or the second argument of `import()`, with what stands before it */
  attributes: { start: number; end: number } | undefined;
}

/** `imported` is a name, or `*` for the whole namespace. */
export interface ImportedName {
  local: string;
  specifier: string;
  imported: string;
  start: number;
  end: number;
  /** stands between braces, so it can be taken out alone */
  isBraced: boolean;
}

export type ExportedName =
  | { kind: 'local'; exported: string; local: string; start: number; end: number }
  | { kind: 'from'; exported: string; specifier: string; imported: string; start: number; end: number };

export interface ModuleInfo {
  requests: Request[];
  imports: ImportedName[];
  exports: ExportedName[];
  /** specifiers of `export * from` */
  stars: string[];
  /** `import()` of something that is not a literal */
  computedImports: AnyNode[];
  names: Names;
}

/** The variable that holds an `export default` without a name; no identifier can be written so. */
export const DEFAULT_LOCAL = '*default*';

export function readModule(program: Program): ModuleInfo {
  const names = analyzeNames(program);
  const info: ModuleInfo = { requests: [], imports: [], exports: [], stars: [], computedImports: [], names };
  for (const node of program.body) {
    switch (node.type) {
      case 'ImportDeclaration':
        request(info, node.source, node.attributes, node.end);
        for (const specifier of node.specifiers) {
          let imported = 'default';
          if (specifier.type === 'ImportNamespaceSpecifier') imported = '*';
          else if (specifier.type === 'ImportSpecifier') imported = nameOf(specifier.imported);
          const { start, end } = specifier;
          const isBraced = specifier.type === 'ImportSpecifier';
          const local = specifier.local.name;
          info.imports.push({ local, specifier: String(node.source.value), imported, start, end, isBraced });
        }
        break;
      case 'ExportAllDeclaration':
        request(info, node.source, node.attributes, node.end);
        if (node.exported) {
          const { start, end } = node.exported;
          const specifier = String(node.source.value);
          info.exports.push({ kind: 'from', exported: nameOf(node.exported), specifier, imported: '*', start, end });
        } else {
          info.stars.push(String(node.source.value));
        }
        break;
      case 'ExportNamedDeclaration':
        readNamedExport(info, node);
        break;
      case 'ExportDefaultDeclaration': {
        const { declaration } = node;
        const isNamed = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
        const local = (isNamed && declaration.id?.name) || DEFAULT_LOCAL;
        info.exports.push({ kind: 'local', exported: 'default', local, start: node.start, end: node.end });
        break;
      }
      default:
    }
  }
  for (const node of names.dynamicImports) readDynamicImport(info, node);
  return info;
}

/** Names that the declaration of an `export const …` and its like makes. */
export function declaredNames(declaration: AnyNode): string[] {
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
    return declaration.id ? [declaration.id.name] : [];
  }
  if (declaration.type !== 'VariableDeclaration') return [];
  return declaration.declarations.flatMap(({ id }) => patternNames(id));
}

function patternNames(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => patternNames(one.type === 'RestElement' ? one.argument : one.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one ? patternNames(one) : []));
    case 'RestElement':
      return patternNames(pattern.argument);
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    default:
      return [];
  }
}

function readNamedExport(info: ModuleInfo, node: AnyNode & { type: 'ExportNamedDeclaration' }): void {
  if (node.declaration) {
    const { start, end } = node.declaration;
    for (const name of declaredNames(node.declaration)) {
      info.exports.push({ kind: 'local', exported: name, local: name, start, end });
    }
    return;
  }
  if (node.source) request(info, node.source, node.attributes, node.end);
  for (const { local, exported, start, end } of node.specifiers) {
    if (!node.source) {
      info.exports.push({ kind: 'local', exported: nameOf(exported), local: nameOf(local), start, end });
    } else {
      const specifier = String(node.source.value);
      info.exports.push({ kind: 'from', exported: nameOf(exported), specifier, imported: nameOf(local), start, end });
    }
  }
}

function readDynamicImport(info: ModuleInfo, node: AnyNode): void {
  if (node.type !== 'ImportExpression') return;
  const { source, options } = node;
  const specifier = literalText(source);
  if (specifier === undefined) {
    info.computedImports.push(node);
    return;
  }
  const attributes = options ? { start: source.end, end: options.end } : undefined;
  info.requests.push({ specifier, start: source.start, end: source.end, isDynamic: true, attributes });
}

function literalText(node: AnyNode): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function request(info: ModuleInfo, source: Literal, attributes: readonly ImportAttribute[], end: number): void {
  // an empty `with {}` leaves no node; the loader's module has no type to check, so what follows the literal can go
  const last = attributes.at(-1);
  info.requests.push({
    specifier: String(source.value),
    start: source.start,
    end: source.end,
    isDynamic: false,
    attributes: last ? { start: source.end, end } : undefined,
  });
}

function nameOf(node: Identifier | Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}
