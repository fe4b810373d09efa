/**
 * Who is meant by each name in a module.
 *
 * Promise: every identifier that reads, writes or declares a variable is listed once, with the scopes it is seen
 * through, so that a top-level name can be given another spelling without changing what any other name means.
 * Property names, labels and `import.meta` are not variables. Follows ECMAScript modules (strict: a function in a block
 * belongs to the block; no `with`); a direct `eval` is not followed.
 */
import type { AnyNode, Function as FunctionNode, Identifier, Node, Pattern, Program } from 'acorn';

export interface Scope {
  readonly parent: Scope | undefined;
  /** whether `var` stops here */
  readonly holdsVars: boolean;
  readonly names: Set<string>;
}

export interface Reference {
  name: string;
  start: number;
  end: number;
  scope: Scope;
  /** stands as `{ name }`, in an object or a pattern, so another spelling needs the key written out */
  isShorthand: boolean;
  isWrite: boolean;
}

/** A place where a function or class without a name of its own takes that of the variable it is given to. */
export interface NamingSite {
  target: Reference;
  start: number;
  end: number;
}

export interface Names {
  top: Scope;
  references: Reference[];
  /** inner ones before those that enclose them */
  namingSites: NamingSite[];
  dynamicImports: AnyNode[];
  /** each `import.meta` */
  metas: Node[];
  topLevelAwait: Node | undefined;
}

export function analyzeNames(program: Program): Names {
  return new Analysis().run(program);
}

/** The scope that declares what `reference` means; undefined for a global. */
export function declaringScope(reference: Reference): Scope | undefined {
  let scope: Scope | undefined = reference.scope;
  while (scope && !scope.names.has(reference.name)) scope = scope.parent;
  return scope;
}

/** The node inside any parentheses. */
export function unwrap(node: AnyNode): AnyNode {
  return node.type === 'ParenthesizedExpression' ? unwrap(node.expression) : node;
}

/** Whether `node` is a function or class that would take the name of what it is assigned to. */
export function isAnonymousFunction(node: AnyNode | null | undefined): boolean {
  if (!node) return false;
  const inner = unwrap(node);
  if (inner.type === 'ArrowFunctionExpression') return true;
  return (inner.type === 'FunctionExpression' || inner.type === 'ClassExpression') && !inner.id;
}

function newScope(parent: Scope | undefined, holdsVars: boolean): Scope {
  return { parent, holdsVars, names: new Set() };
}

class Analysis {
  readonly #references: Reference[] = [];
  readonly #namingSites: NamingSite[] = [];
  readonly #dynamicImports: AnyNode[] = [];
  readonly #metas: Node[] = [];
  #topLevelAwait: Node | undefined;
  #functionDepth = 0;

  run(program: Program): Names {
    const top = newScope(undefined, true);
    for (const statement of program.body) this.#visit(statement, top);
    return {
      top,
      references: this.#references,
      namingSites: this.#namingSites,
      dynamicImports: this.#dynamicImports,
      metas: this.#metas,
      topLevelAwait: this.#topLevelAwait,
    };
  }

  #visit(node: AnyNode | null | undefined, scope: Scope): void {
    if (!node) return;
    switch (node.type) {
      case 'Identifier':
        this.#refer(node, scope);
        return;
      case 'ImportDeclaration':
        for (const specifier of node.specifiers) scope.names.add(specifier.local.name);
        return;
      case 'ExportNamedDeclaration':
        this.#visit(node.declaration, scope);
        return;
      case 'MetaProperty':
        if (node.meta.name === 'import') this.#metas.push(node);
        return;
      case 'ExportAllDeclaration':
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      case 'LabeledStatement':
        this.#visit(node.body, scope);
        return;
      case 'VariableDeclaration':
        this.#declareVariables(node, scope);
        return;
      case 'FunctionDeclaration':
        if (node.id) this.#declare(node.id, scope);
        this.#visitFunction(node, scope);
        return;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.#visitFunction(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#visitClass(node, scope);
        return;
      case 'MemberExpression':
        this.#visit(node.object, scope);
        if (node.computed) this.#visit(node.property, scope);
        return;
      case 'Property':
        if (node.computed) this.#visit(node.key, scope);
        if (node.shorthand && node.value.type === 'Identifier') this.#refer(node.value, scope, { isShorthand: true });
        else this.#visit(node.value, scope);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) this.#visit(node.key, scope);
        this.#visitField(node.value, scope);
        return;
      case 'AssignmentExpression':
        this.#visitAssignment(node, scope);
        return;
      case 'UpdateExpression':
        this.#assign(node.argument, scope);
        return;
      default:
        this.#visitBlockOrRest(node, scope);
    }
  }

  #visitBlockOrRest(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case 'BlockStatement':
        this.#children(node, newScope(scope, false));
        return;
      case 'StaticBlock': {
        this.#functionDepth++;
        this.#children(node, newScope(scope, true));
        this.#functionDepth--;
        return;
      }
      case 'ForStatement':
        this.#children(node, newScope(scope, false));
        return;
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = newScope(scope, false);
        if (node.type === 'ForOfStatement' && node.await) this.#noteAwait(node);
        if (node.left.type === 'VariableDeclaration') this.#visit(node.left, inner);
        else this.#assign(node.left, inner);
        this.#visit(node.right, inner);
        this.#visit(node.body, inner);
        return;
      }
      case 'SwitchStatement': {
        this.#visit(node.discriminant, scope);
        const inner = newScope(scope, false);
        for (const one of node.cases) this.#children(one, inner);
        return;
      }
      case 'CatchClause': {
        const inner = newScope(scope, false);
        if (node.param) this.#bind(node.param, inner, inner);
        this.#visit(node.body, inner);
        return;
      }
      case 'AwaitExpression':
        this.#noteAwait(node);
        this.#children(node, scope);
        return;
      case 'ImportExpression':
        this.#dynamicImports.push(node);
        this.#children(node, scope);
        return;
      default:
        this.#children(node, scope);
    }
  }

  #children(node: AnyNode, scope: Scope): void {
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof (child as AnyNode).type === 'string') this.#visit(child as AnyNode, scope);
      }
    }
  }

  #noteAwait(node: Node): void {
    if (this.#functionDepth === 0) this.#topLevelAwait ??= node;
  }

  #refer(node: Identifier, scope: Scope, more: Partial<Reference> = {}): Reference {
    const { name, start, end } = node;
    const reference = { name, start, end, scope, isShorthand: false, isWrite: false, ...more };
    this.#references.push(reference);
    return reference;
  }

  #declare(node: Identifier, scope: Scope, isShorthand = false): Reference {
    scope.names.add(node.name);
    return this.#refer(node, scope, { isShorthand });
  }

  #declareVariables(node: AnyNode & { type: 'VariableDeclaration' }, scope: Scope): void {
    let home = scope;
    if (node.kind === 'var') while (!home.holdsVars && home.parent) home = home.parent;
    if (node.kind === 'await using') this.#noteAwait(node);
    for (const { id, init } of node.declarations) {
      const target = this.#bind(id, home, scope);
      this.#visit(init, scope);
      if (target && init && isAnonymousFunction(init))
        this.#namingSites.push({ target, start: init.start, end: init.end });
    }
  }

  /** Declares the names of a pattern in `home`; its defaults and computed keys are seen from `scope`. */
  #bind(pattern: Pattern, home: Scope, scope: Scope, isShorthand = false): Reference | undefined {
    return this.#pattern(pattern, scope, (node, shorthand) => this.#declare(node, home, shorthand), isShorthand);
  }

  /** Visits what is assigned to. */
  #assign(pattern: AnyNode, scope: Scope): Reference | undefined {
    return this.#pattern(
      pattern,
      scope,
      (node, isShorthand) => this.#refer(node, scope, { isShorthand, isWrite: true }),
      false,
    );
  }

  #pattern(
    pattern: AnyNode,
    scope: Scope,
    take: (node: Identifier, isShorthand: boolean) => Reference,
    isShorthand: boolean,
  ): Reference | undefined {
    switch (pattern.type) {
      case 'Identifier':
        return take(pattern, isShorthand);
      case 'ParenthesizedExpression':
        this.#pattern(pattern.expression, scope, take, false);
        return undefined;
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') this.#pattern(property.argument, scope, take, false);
          else {
            if (property.computed) this.#visit(property.key, scope);
            this.#pattern(property.value, scope, take, property.shorthand);
          }
        }
        return undefined;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#pattern(element, scope, take, false);
        return undefined;
      case 'RestElement':
        this.#pattern(pattern.argument, scope, take, false);
        return undefined;
      case 'AssignmentPattern': {
        const { left, right } = pattern;
        const target = this.#pattern(left, scope, take, isShorthand);
        this.#visit(right, scope);
        if (target && isAnonymousFunction(right))
          this.#namingSites.push({ target, start: right.start, end: right.end });
        return undefined;
      }
      default:
        this.#visit(pattern, scope);
        return undefined;
    }
  }

  #visitAssignment(node: AnyNode & { type: 'AssignmentExpression' }, scope: Scope): void {
    const target = this.#assign(node.left, scope);
    this.#visit(node.right, scope);
    const isNaming = ['=', '&&=', '||=', '??='].includes(node.operator) && isAnonymousFunction(node.right);
    if (target && isNaming) this.#namingSites.push({ target, start: node.right.start, end: node.right.end });
  }

  #visitFunction(node: FunctionNode, scope: Scope): void {
    const own = newScope(scope, true);
    if (node.type === 'FunctionExpression' && node.id) own.names.add(node.id.name);
    const params = newScope(own, true);
    this.#functionDepth++;
    for (const param of node.params) this.#bind(param, params, params);
    // a `var` of the body is not seen by the defaults of the parameters
    if (node.body.type === 'BlockStatement') this.#children(node.body, newScope(params, true));
    else this.#visit(node.body, params);
    this.#functionDepth--;
  }

  #visitClass(node: AnyNode & { type: 'ClassDeclaration' | 'ClassExpression' }, scope: Scope): void {
    if (node.type === 'ClassDeclaration' && node.id) this.#declare(node.id, scope);
    const inner = newScope(scope, false);
    if (node.id) inner.names.add(node.id.name);
    this.#visit(node.superClass, inner);
    this.#visit(node.body, inner);
  }

  #visitField(value: AnyNode | null | undefined, scope: Scope): void {
    this.#functionDepth++;
    this.#visit(value, newScope(scope, true));
    this.#functionDepth--;
  }
}
