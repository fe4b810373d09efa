/**
 * Weaves the platform's row counting into sql.js's WebAssembly.
 *
 * On the platform SQLite's interpreter is patched to count, in each prepared statement, the rows that it read and wrote;
 * this makes the same change in the compiled interpreter. Promise: every place is found by what its code does, and must be
 * the only one that does so, otherwise `weaveRowCounts` throws: another build of SQLite is never changed by guess. The module
 * behaves as before in everything else.
 *
 * The counts take the place of two of a statement's own nine counters, those of Bloom filters that did and did not hit,
 * which sql.js gives nobody to read. So they live and die with the statement, are each statement's own, triggers included, and
 * cost nothing where nothing is counted.
 *
 * Knows nothing of who reads the counts (`src/storage/engine-calibration.ts` finds them again by watching).
 *
 * @see workerd: patches/sqlite/0001-row-counts-plain.patch
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  BLOCK,
  BR_TABLE,
  CALL,
  CALL_INDIRECT,
  type Edit,
  END,
  editFunction,
  type FunctionBody,
  functionBodies,
  I32_ADD,
  I32_AND,
  I32_CONST,
  I32_EQZ,
  I32_GE_S,
  I32_LOAD,
  I32_LOAD8_U,
  I32_MUL,
  I32_STORE,
  I32_WRAP_I64,
  I64_STORE,
  IF,
  type Instruction,
  instructions,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  readUnsigned,
  unsigned,
} from './wasm.ts';

const SQL_JS = fileURLToPath(new URL('../node_modules/sql.js/dist/sql-wasm.wasm', import.meta.url));

/** Opcodes of SQLite 3.54.1's virtual machine (its `opcodes.h`) whose code is changed. */
const OP = {
  VUpdate: 7,
  SeekGE: 23,
  SeekRowid: 29,
  Last: 31,
  Sort: 34,
  Rewind: 35,
  SorterNext: 37,
  VNext: 64,
  Filter: 65,
  Count: 99,
  Insert: 129,
  Delete: 131,
  IdxInsert: 139,
  Clear: 146,
} as const;

/** The interpreter's `br_table` has one target for each opcode; that of the SQL parser, the only larger one, has more. */
const DISPATCH_TARGETS = { min: 170, max: 220 };
/** It is far longer (40 KB); the many short functions need not be read. */
const INTERPRETER_BYTES_MIN = 10_000;

/** Byte offsets in SQLite's structures, wasm32. */
const VDBE = { changeCount: 40, cursors: 96 };
const VDBE_OP = { p3: 12 };
/** The byte of flags in a cursor; its lowest bit is set for tables that live only during the statement. */
const CURSOR_FLAGS = 5;
const IS_EPHEMERAL = 1;
/** SQLITE_STMTSTATUS_SORT, _FILTER_MISS and _FILTER_HIT: indexes of a statement's counters. */
const COUNTER = { sort: 2, filterMiss: 7, filterHit: 8 };

/** What is shipped as `sql-wasm.wasm`. */
export async function wovenSqlJs(): Promise<Uint8Array<ArrayBuffer>> {
  return weaveRowCounts(await readFile(SQL_JS));
}

/** @throws Error when this is not the interpreter that is known here */
export function weaveRowCounts(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const interpreter = new Interpreter(wasm);
  return editFunction(wasm, interpreter.body, [...counting(interpreter), ...withoutFilterCounts(interpreter)]);
}

function counting(vm: Interpreter): Edit[] {
  const counters = vm.counters;
  const read = (value: readonly number[] = one) => add(counters + 4 * COUNTER.filterMiss, value);
  const written = (value: readonly number[] = one) => add(counters + 4 * COUNTER.filterHit, value);
  return [
    // A cursor landed: after the seek, and past the way out for a seek that wanted an equal key and found none.
    vm.before(vm.find(OP.SeekGE, [i32Const(OP.SeekGE), [I32_GE_S]]), read()),
    // Also when the row is not there; but one that cannot be, because its key is no integer, is not looked for. So has NotExists.
    vm.before(vm.find(OP.SeekRowid, [[CALL], [I32_STORE]]), read()),
    vm.before(vm.find(OP.Last, [[CALL]]), read()),
    // Sort and SorterSort run into it.
    vm.before(vm.branch(OP.Rewind), read()),
    // There is a further row. Next and Prev end here too.
    vm.before(vm.find(OP.SorterNext, [memory(I32_STORE, 0)]), read()),
    // Before it asks the virtual table to go on: not for the row of NULLs that an outer join puts in its place.
    vm.before(vm.find(OP.VNext, [[CALL_INDIRECT]]), read()),
    countExactly(vm, read),
    vm.before(vm.branch(OP.VUpdate), written()),
    onRealTable(vm, OP.Insert, written),
    onRealTable(vm, OP.IdxInsert, written),
    vm.before(vm.find(OP.Delete, [memory(I64_STORE, VDBE.changeCount)]), written()),
    countCleared(vm, written),
  ];
}

/** OP_Count: the number of rows, when it was counted and not estimated (P3 is 0). */
function countExactly(vm: Interpreter, read: (value: number[]) => number[]): Edit {
  const store = vm.find(OP.Count, [memory(I64_STORE, 0)]);
  const isExact = [LOCAL_GET, ...unsigned(vm.operation), ...memory(I32_LOAD, VDBE_OP.p3), I32_EQZ];
  return vm.before(store, read([...isExact, ...vm.localOf(store - 1, LOCAL_GET), I32_WRAP_I64, I32_MUL]));
}

/** OP_Clear, where the cleared rows count as changes. */
function countCleared(vm: Interpreter, written: (value: number[]) => number[]): Edit {
  const store = vm.find(OP.Clear, [memory(I64_STORE, VDBE.changeCount)]);
  // tee rows; get p; load p->nChange; add; store
  return vm.before(store, written([...vm.localOf(store - 4, LOCAL_TEE), I32_WRAP_I64]));
}

/** An insertion, unless the cursor's table lives only during the statement. */
function onRealTable(vm: Interpreter, opcode: number, written: (value: number[]) => number[]): Edit {
  const cursors = vm.find(opcode, [memory(I32_LOAD, VDBE.cursors)]);
  const set = vm.find(opcode, [[LOCAL_SET]], cursors);
  const flags = [...vm.localOf(set, LOCAL_SET), ...memory(I32_LOAD8_U, CURSOR_FLAGS, 0)];
  return vm.before(set + 1, written([...flags, ...i32Const(IS_EPHEMERAL), I32_AND, I32_EQZ]));
}

/** The two counters that are ours now are raised by 0 where they were raised by 1. */
function withoutFilterCounts(vm: Interpreter): Edit[] {
  return [COUNTER.filterMiss, COUNTER.filterHit].map((counter) => {
    const word = vm.counters + 4 * counter;
    const load = vm.find(OP.Filter, [memory(I32_LOAD, word), one, [I32_ADD], memory(I32_STORE, word)]);
    const { at, end } = vm.at(load + 1);
    return { at, length: end - at, bytes: i32Const(0) };
  });
}

/** `sqlite3VdbeExec`: one loop around one `br_table` over the opcode of the next operation. */
class Interpreter {
  readonly body: FunctionBody;
  /** the local that holds the current operation */
  readonly operation: number;
  /** offset of the first of a statement's counters */
  readonly counters: number;
  readonly #wasm: Uint8Array;
  readonly #code: Instruction[];
  /** opcode to the index of the first instruction of its branch */
  readonly #branches: number[];

  constructor(wasm: Uint8Array) {
    this.#wasm = wasm;
    const found = functionBodies(wasm).filter((body) => {
      if (body.end - body.start < INTERPRETER_BYTES_MIN) return false;
      for (const { at, opcode } of instructions(wasm, body))
        if (opcode === BR_TABLE && this.#isDispatch(at)) return true;
      return false;
    });
    this.body = only(found, 'interpreter');
    this.#code = [...instructions(wasm, this.body)];
    const dispatch = this.#code.findIndex(({ at, opcode }) => opcode === BR_TABLE && this.#isDispatch(at));
    this.#branches = this.#branchesOf(dispatch);
    this.operation = this.#operand(dispatch - 3);
    this.#expect(dispatch - 3, [[LOCAL_GET], memory(I32_LOAD8_U, 0, 0), [LOCAL_TEE], [BR_TABLE]]);
    this.counters = this.#findCounters();
  }

  at(index: number): Instruction {
    return this.#code[index] as Instruction;
  }

  /** @returns index of the first instruction of an opcode's branch */
  branch(opcode: number): number {
    return this.#branches[opcode] as number;
  }

  /** The first place in an opcode's branch, or from `from` on, where these instructions stand; a lone opcode fits any operand. */
  find(opcode: number, pattern: readonly (readonly number[])[], from = this.branch(opcode)): number {
    for (let index = from; index < this.#code.length; index++) {
      // What comes behind belongs to another opcode.
      if (index > from && this.#branches.includes(index)) break;
      if (this.#fits(index, pattern)) return index;
    }
    throw unknown(`the code of opcode ${opcode}`);
  }

  before(index: number, bytes: readonly number[]): Edit {
    return { at: this.at(index).at, length: 0, bytes };
  }

  /** `local.get` of the local that the instruction at `index` gets, sets or tees. */
  localOf(index: number, opcode: number): number[] {
    this.#expect(index, [[opcode]]);
    return [LOCAL_GET, ...unsigned(this.#operand(index))];
  }

  #isDispatch(at: number): boolean {
    const [count] = readUnsigned(this.#wasm, at + 1);
    return count >= DISPATCH_TARGETS.min && count <= DISPATCH_TARGETS.max;
  }

  #branchesOf(dispatch: number): number[] {
    const open: number[] = [];
    const ends = new Map<number, number>();
    let around: number[] = [];
    this.#code.forEach(({ opcode }, index) => {
      if (opcode >= BLOCK && opcode <= IF) open.push(index);
      if (opcode === END) ends.set(open.pop() ?? -1, index);
      if (index === dispatch) around = [...open].reverse();
    });
    let [count, at] = readUnsigned(this.#wasm, this.at(dispatch).at + 1);
    const branches: number[] = [];
    for (; count > 0; count--) {
      const [depth, next] = readUnsigned(this.#wasm, at);
      branches.push((ends.get(around[depth] ?? -1) as number) + 1);
      at = next;
    }
    return branches;
  }

  /** OP_Sort begins by counting itself: get p; get p; load; const 1; add; store. */
  #findCounters(): number {
    const sort = this.branch(OP.Sort);
    this.#expect(sort, [[LOCAL_GET, 0], [LOCAL_GET, 0], [I32_LOAD], one, [I32_ADD], [I32_STORE]]);
    const [, offset] = readUnsigned(this.#wasm, this.at(sort + 2).at + 1);
    return readUnsigned(this.#wasm, offset)[0] - 4 * COUNTER.sort;
  }

  #operand(index: number): number {
    return readUnsigned(this.#wasm, this.at(index).at + 1)[0];
  }

  #fits(index: number, pattern: readonly (readonly number[])[]): boolean {
    return pattern.every((bytes, i) => {
      const instruction = this.#code[index + i];
      return instruction !== undefined && bytes.every((byte, j) => this.#wasm[instruction.at + j] === byte);
    });
  }

  #expect(index: number, pattern: readonly (readonly number[])[]): void {
    if (!this.#fits(index, pattern)) throw unknown('the loop of its interpreter');
  }
}

/** `p->word += value`, where `p`, the statement, is the interpreter's one parameter; leaves the operand stack as it was. */
function add(word: number, value: readonly number[]): number[] {
  return [LOCAL_GET, 0, LOCAL_GET, 0, ...memory(I32_LOAD, word), ...value, I32_ADD, ...memory(I32_STORE, word)];
}

const one = i32Const(1);

function i32Const(value: number): number[] {
  return [I32_CONST, value];
}

/** A load or store; alignment is the natural one, as compilers write it. */
function memory(opcode: number, offset: number, align = opcode === I64_STORE ? 3 : 2): number[] {
  return [opcode, align, ...unsigned(offset)];
}

function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw unknown(`${found.length} functions that look like its ${what}`);
  return first;
}

function unknown(what: string): Error {
  return new Error(`This is not the WebAssembly of sql.js 1.16.0 that row counts can be woven into: ${what}.`);
}
