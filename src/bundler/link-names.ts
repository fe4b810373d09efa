/**
 * New spellings for the top-level names of modules that become one.
 *
 * Promise: no two variables of the group share a spelling, none hides a global that any member uses, and none is hidden
 * where it is used. A name changes only if it must.
 */
import { must } from '../base/assert.ts';
import type { ImportTarget } from '../protocol/deployment.ts';
import { declaringScope, type Reference } from '../syntax/scope.ts';
import type { ExportResolver, Meaning } from './exports.ts';
import { bundleFailed } from './faults.ts';
import { placeIn, type ScriptNode, targetOf } from './graph-nodes.ts';
import { DEFAULT_LOCAL } from './module-info.ts';

/** One variable of the linked module: a member's own, a namespace made for a member, or an import from outside. */
export interface Variable {
  meaning: Exclude<Meaning, { kind: 'missing' | 'ambiguous' | 'unknown' }>;
  spelling: string;
}

/** Globals that the linked module's own lines use. */
const OWN_GLOBALS = ['Object', 'Proxy', 'Reflect', 'Symbol'];

export class LinkNames {
  readonly #variables = new Map<string, Variable & { wanted: string; hidden: Set<string> }>();
  readonly #taken = new Set<string>(OWN_GLOBALS);

  constructor(members: readonly ScriptNode[], resolver: ExportResolver) {
    for (const node of members) this.#declare(node);
    for (const node of members) this.#use(node, resolver);
  }

  /** Every variable in the order of its first mention. */
  get variables(): Iterable<Variable> {
    return this.#variables.values();
  }

  /** Adds a variable that no member's text mentions (an export passes it on). */
  add(meaning: Variable['meaning'], wanted: string): void {
    const key = keyOf(meaning);
    if (!this.#variables.has(key)) this.#variables.set(key, { meaning, wanted, spelling: wanted, hidden: new Set() });
  }

  /** Chooses the spellings; nothing may be added afterwards. */
  settle(): void {
    for (const variable of this.#variables.values()) {
      let spelling = variable.wanted;
      for (let n = 1; this.#taken.has(spelling) || variable.hidden.has(spelling); n++)
        spelling = `${variable.wanted}$${n}`;
      this.#taken.add(spelling);
      variable.spelling = spelling;
    }
  }

  /** A spelling that nothing else has; for the linked module's own use. */
  fresh(wanted: string): string {
    let spelling = wanted;
    while (this.#taken.has(spelling)) spelling += '$';
    this.#taken.add(spelling);
    return spelling;
  }

  spelling(meaning: Variable['meaning']): string {
    return must(this.#variables.get(keyOf(meaning)), `variable for ${keyOf(meaning)}`).spelling;
  }

  #declare(node: ScriptNode): void {
    const imported = new Set(node.info.imports.map((one) => one.local));
    for (const local of node.info.names.top.names) {
      if (!imported.has(local)) this.add({ kind: 'variable', path: node.path, local }, local);
    }
    if (node.info.exports.some((one) => one.kind === 'local' && one.local === DEFAULT_LOCAL)) {
      this.add({ kind: 'variable', path: node.path, local: DEFAULT_LOCAL }, `${stem(node.path)}_default`);
    }
  }

  #use(node: ScriptNode, resolver: ExportResolver): void {
    const { top, references } = node.info.names;
    for (const reference of references) {
      const home = declaringScope(reference);
      if (!home) this.#taken.add(reference.name);
      if (home !== top) continue;
      const meaning = meaningOf(node, reference, resolver);
      if (meaning.kind === 'namespace') this.add(meaning, `${stem(meaning.path)}_ns`);
      else if (meaning.kind === 'foreign') this.add(meaning, reference.name);
      const variable = this.#variables.get(keyOf(meaning));
      for (let scope = reference.scope; scope !== top && scope.parent; scope = scope.parent) {
        for (const name of scope.names) variable?.hidden.add(name);
      }
    }
  }
}

/** What a reference to a top-level name means. @throws SimulatorError `bundle_failed` for an assignment to an import */
export function meaningOf(node: ScriptNode, reference: Reference, resolver: ExportResolver): Variable['meaning'] {
  const meaning = resolver.local(node, reference.name);
  const imported = node.info.imports.find((one) => one.local === reference.name);
  if (imported && reference.isWrite) {
    throw bundleFailed(`"${reference.name}" is imported and cannot be assigned to.`, placeIn(node, reference.start));
  }
  if (meaning.kind !== 'missing' && meaning.kind !== 'ambiguous' && meaning.kind !== 'unknown') return meaning;
  // only a name behind `export *` of a runtime module gets here: checkImports refused the others
  const source = imported ? describe(targetOf(node, imported.specifier)) : node.path;
  throw bundleFailed(
    `"${reference.name}" comes from ${source} through "export *" of a runtime module, which cannot be followed inside an import cycle; import it from there.`,
    placeIn(node, imported?.start ?? reference.start),
  );
}

function describe(target: ImportTarget): string {
  return 'module' in target ? target.module : target.external;
}

function keyOf(meaning: Variable['meaning']): string {
  switch (meaning.kind) {
    case 'variable':
      return `variable\0${meaning.path}\0${meaning.local}`;
    case 'namespace':
      return `namespace\0${meaning.path}`;
    case 'foreign':
      return `foreign\0${describe(meaning.target)}\0${meaning.imported}`;
    default:
      return meaning satisfies never;
  }
}

/** The file's name as an identifier. */
function stem(path: string): string {
  const name = (path.split('/').at(-1) as string).replace(/\.[^.]*$/, '').replace(/[^\w$]/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}
