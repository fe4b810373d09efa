/**
 * Finds where a class or the Worker's default export defines a member, in the files as they stand in the editor.
 *
 * Promise: what it names is there; a member that is inherited is found where a class of these files defines it. Files are read as
 * text, so code that does not compile is searched as far as it can be read. Knows nothing of what runs.
 *
 * It has a parser with it, so it is fetched after the page stands.
 */
import { javascriptLanguage, jsxLanguage, tsxLanguage, typescriptLanguage } from '@codemirror/lang-javascript';
import type { SourceLocation } from '../src/index.ts';
import type { Files } from './workspace.ts';

/** Whose member: that of a class, by its name, or of what the Worker's main file exports by default. */
export type Owner = { readonly className: string } | 'default';

export type DefinitionOf = (files: Files, owner: Owner, member: string) => SourceLocation | undefined;

type Node = ReturnType<ReturnType<typeof typescriptLanguage.parser.parse>['topNode']['getChildren']>[number];

/** A class, or an object that a name or the default export stands for. */
interface Holder {
  readonly name: string | undefined;
  readonly isDefault: boolean;
  readonly base: string | undefined;
  /** offsets into the text */
  readonly at: number;
  readonly members: ReadonlyMap<string, number>;
}

interface Module {
  readonly file: string;
  readonly text: string;
  readonly holders: readonly Holder[];
  /** the name that is exported by default */
  readonly defaultName: string | undefined;
}

/** Nobody inherits through more, and two classes may name each other. */
const BASES_MAX = 16;

const known = new Map<string, Module>();

/** A constructor that is not written down is found at the name of its class. */
export const definitionOf: DefinitionOf = (files, owner, member) => {
  const modules = Object.entries(files).flatMap(([file, text]) => moduleOf(file, text) ?? []);
  let found = owner === 'default' ? defaultOf(modules) : classOf(modules, owner.className);
  const [module, holder] = found ?? [];
  if (member === 'constructor' && module && holder && !holder.members.has(member)) return placeIn(module, holder.at);
  for (let step = 0; found && step < BASES_MAX; step++) {
    const [where, { members, base }] = found;
    const at = members.get(member);
    if (at !== undefined) return placeIn(where, at);
    found = base === undefined ? undefined : classOf(modules, base);
  }
  return undefined;
};

function classOf(modules: readonly Module[], name: string): [Module, Holder] | undefined {
  for (const module of modules) {
    const holder = module.holders.find((one) => one.name === name);
    if (holder) return [module, holder];
  }
  return undefined;
}

/** Of several files the first in the order of the project that has one; the main file of an example comes before its helpers. */
function defaultOf(modules: readonly Module[]): [Module, Holder] | undefined {
  for (const module of modules) {
    const { holders, defaultName } = module;
    const holder = holders.find(({ isDefault, name }) => isDefault || (name !== undefined && name === defaultName));
    if (holder) return [module, holder];
  }
  return undefined;
}

function moduleOf(file: string, text: string): Module | undefined {
  const parser = parserOf(file);
  if (!parser) return undefined;
  const cached = known.get(file);
  if (cached?.text === text) return cached;
  const holders: Holder[] = [];
  let defaultName: string | undefined;
  const visit = (node: Node, isDefault: boolean): void => {
    switch (node.name) {
      case 'ExportDeclaration': {
        const isDefaultHere = node.getChild('default') !== null;
        for (let child = node.firstChild; child; child = child.nextSibling) {
          if (isDefaultHere && child.name === 'VariableName') defaultName = textOf(child, text);
          else visit(child, isDefaultHere);
        }
        return;
      }
      case 'ClassDeclaration':
      case 'ClassExpression':
        holders.push(classHolder(node, text, isDefault));
        return;
      case 'ObjectExpression':
        holders.push({ name: undefined, isDefault, base: undefined, at: node.from, members: membersOf(node, text) });
        return;
      // `{ … } satisfies Handler`, `({ … })`
      case 'BinaryExpression':
      case 'ParenthesizedExpression':
        for (let child = node.firstChild; child; child = child.nextSibling) visit(child, isDefault);
        return;
      case 'VariableDeclaration':
        named(node, text, (value, name) => {
          const before = holders.length;
          visit(value, false);
          const held = holders[before];
          if (held) holders[before] = { ...held, name };
        });
        return;
      default:
    }
  };
  for (let node = parser.parse(text).topNode.firstChild; node; node = node.nextSibling) visit(node, false);
  const module = { file, text, holders, defaultName };
  known.set(file, module);
  return module;
}

function parserOf(file: string) {
  const ending = /\.[mc]?([jt]sx?)$/.exec(file)?.[1];
  switch (ending) {
    case 'ts':
      return typescriptLanguage.parser;
    case 'tsx':
      return tsxLanguage.parser;
    case 'js':
      return javascriptLanguage.parser;
    case 'jsx':
      return jsxLanguage.parser;
    default:
      return undefined;
  }
}

/** Each variable of a declaration with the expression that it is given. */
function named(node: Node, text: string, found: (value: Node, name: string) => void): void {
  let name: string | undefined;
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name === 'VariableDefinition') name = textOf(child, text);
    else if (name !== undefined && /Expression$/.test(child.name)) found(child, name);
  }
}

function classHolder(node: Node, text: string, isDefault: boolean): Holder {
  const body = node.getChild('ClassBody');
  // A class without a name whose base the parser takes for the name.
  const isAnonymous = node.firstChild?.nextSibling?.type.isError === true;
  const definition = node.getChild('VariableDefinition');
  const base = isAnonymous ? definition : (node.getChild('VariableName') ?? null);
  const name = isAnonymous ? null : definition;
  return {
    name: name ? textOf(name, text) : undefined,
    isDefault,
    base: base ? textOf(base, text) : undefined,
    at: (name ?? node).from,
    members: body ? membersOf(body, text) : new Map(),
  };
}

function membersOf(node: Node, text: string): Map<string, number> {
  const members = new Map<string, number>();
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (!/^(?:MethodDeclaration|PropertyDeclaration|Property)$/.test(child.name)) continue;
    if (child.getChild('static')) continue;
    const name = child.getChild('PropertyDefinition') ?? child.getChild('String');
    if (!name) continue;
    const written = textOf(name, text);
    members.set(name.name === 'String' ? written.slice(1, -1) : written, name.from);
  }
  return members;
}

const textOf = ({ from, to }: Node, text: string): string => text.slice(from, to);

function placeIn({ file, text }: Module, at: number): SourceLocation {
  const before = text.slice(0, at).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
