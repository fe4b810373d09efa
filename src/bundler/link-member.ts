/**
 * One module's text, changed so that it can stand in a common scope.
 *
 * Promise: imports and exports go, declarations stay where they are, on their lines; each top-level name gets its
 * spelling. A function or class that would take its name from a respelt variable still gets the name that the user wrote.
 */
import type { AnyNode, Program } from 'acorn';
import { blank, type Edit, erase } from '../syntax/edits.ts';
import { declaringScope, isAnonymousFunction, type Reference } from '../syntax/scope.ts';
import type { ExportResolver } from './exports.ts';
import type { ScriptNode } from './graph-nodes.ts';
import { type LinkNames, meaningOf } from './link-names.ts';
import { DEFAULT_LOCAL } from './module-info.ts';

export interface MemberCode {
  edits: Edit[];
  /** declared functions whose spelling is not their name: spelling, name */
  functionNames: [string, string][];
}

type Statement = Program['body'][number];

export function memberEdits(node: ScriptNode, names: LinkNames, resolver: ExportResolver): MemberCode {
  return new Member(node, names, resolver).edit();
}

class Member {
  readonly #node: ScriptNode;
  readonly #names: LinkNames;
  readonly #resolver: ExportResolver;
  readonly #edits: Edit[] = [];
  readonly #functionNames: [string, string][] = [];
  /** identifiers that another edit speaks for, by position */
  readonly #done = new Set<number>();
  readonly #gone: { start: number; end: number }[] = [];

  constructor(node: ScriptNode, names: LinkNames, resolver: ExportResolver) {
    this.#node = node;
    this.#names = names;
    this.#resolver = resolver;
  }

  edit(): MemberCode {
    const hashbang = /^#!.*/.exec(this.#node.code);
    if (hashbang) this.#edits.push(erase(this.#node.code, 0, hashbang[0].length));
    for (const { target, start, end } of this.#node.info.names.namingSites) {
      const isTop = declaringScope(target) === this.#node.info.names.top;
      if (isTop && this.#spelling(target.name) !== target.name) this.#keepName(target.name, start, end);
    }
    for (const { isDynamic, attributes } of this.#node.info.requests) {
      if (!isDynamic || !attributes) continue;
      const { start, end } = attributes;
      this.#edits.push({ start, end, text: blank(this.#node.code.slice(start, end)) });
      this.#gone.push({ start, end });
    }
    // after the naming sites: a default export that ends where one of them ends encloses it
    for (const statement of this.#node.program.body) this.#statement(statement);
    for (const reference of this.#node.info.names.references) this.#respell(reference);
    return { edits: this.#edits, functionNames: this.#functionNames };
  }

  #spelling(local: string): string {
    return this.#names.spelling({ kind: 'variable', path: this.#node.path, local });
  }

  #erase(start: number, end: number): void {
    this.#edits.push(erase(this.#node.code, start, end));
  }

  #insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text });
  }

  #statement(node: Statement): void {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        this.#erase(node.start, node.end);
        return;
      case 'ExportNamedDeclaration':
        if (!node.declaration) {
          this.#erase(node.start, node.end);
          return;
        }
        this.#erase(node.start, node.declaration.start);
        this.#declaration(node.declaration);
        return;
      case 'ExportDefaultDeclaration':
        this.#erase(node.start, node.declaration.start);
        this.#default(node.declaration);
        return;
      default:
        this.#declaration(node);
    }
  }

  #declaration(node: AnyNode): void {
    if ((node.type !== 'ClassDeclaration' && node.type !== 'FunctionDeclaration') || !node.id) return;
    const { name, start } = node.id;
    const spelling = this.#spelling(name);
    if (spelling === name) return;
    if (node.type === 'FunctionDeclaration') {
      this.#functionNames.push([spelling, name]);
      return;
    }
    // a class expression keeps its own name, and what it says inside means itself, as in a declaration
    this.#done.add(start);
    this.#insert(node.start, `let ${spelling} = `);
    this.#insert(node.end, ';');
  }

  #default(node: AnyNode): void {
    const isDeclaration = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration';
    if (isDeclaration && node.id) {
      this.#declaration(node);
      return;
    }
    const spelling = this.#spelling(DEFAULT_LOCAL);
    if (node.type === 'FunctionDeclaration') {
      const head = /^(?:async(?:\s|\/\*[\s\S]*?\*\/)*)?function(?:(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*\*)?/.exec(
        this.#node.code.slice(node.start),
      );
      this.#insert(node.start + (head?.[0].length ?? 0), ` ${spelling}`);
      this.#functionNames.push([spelling, 'default']);
      return;
    }
    this.#insert(node.start, `const ${spelling} = `);
    const takesName = node.type === 'ClassDeclaration' || isAnonymousFunction(node);
    if (takesName) this.#keepName('default', node.start, node.end);
    if (isDeclaration) this.#insert(node.end, ';');
  }

  /** Makes an object's key give the name, as the variable's own spelling no longer does. */
  #keepName(name: string, start: number, end: number): void {
    const key = JSON.stringify(name);
    this.#insert(start, `({ [${key}]: `);
    this.#insert(end, ` })[${key}]`);
  }

  #respell(reference: Reference): void {
    if (this.#gone.some(({ start, end }) => reference.start >= start && reference.end <= end)) return;
    if (this.#done.has(reference.start) || declaringScope(reference) !== this.#node.info.names.top) return;
    const spelling = this.#names.spelling(meaningOf(this.#node, reference, this.#resolver));
    if (spelling === reference.name) return;
    const text = reference.isShorthand ? `${reference.name}: ${spelling}` : spelling;
    this.#edits.push({ start: reference.start, end: reference.end, text });
  }
}
