/**
 * WebAssembly modules as bytes: as much of the binary format as it takes to change one function of a finished module.
 *
 * Promise: what is not named in an edit stays byte for byte; an instruction that this reader does not know is an error, never
 * a guess. Knows nothing of what a module does.
 *
 * @see https://webassembly.github.io/spec/core/binary/
 */

export interface Instruction {
  /** offset of its first byte */
  readonly at: number;
  readonly opcode: number;
  /** offset of the byte after its last */
  readonly end: number;
}

/** A function's body: its bytes from the declaration of its locals to its last `end`. */
export interface FunctionBody {
  readonly start: number;
  readonly end: number;
}

/** Puts `bytes` where `length` bytes lie now; with 0 it only inserts. */
export interface Edit {
  readonly at: number;
  readonly length: number;
  readonly bytes: readonly number[];
}

export const BLOCK = 0x02;
export const LOOP = 0x03;
export const IF = 0x04;
export const END = 0x0b;
export const BR_TABLE = 0x0e;
export const CALL = 0x10;
export const CALL_INDIRECT = 0x11;
export const LOCAL_GET = 0x20;
export const LOCAL_SET = 0x21;
export const LOCAL_TEE = 0x22;
export const I32_LOAD = 0x28;
export const I32_LOAD8_U = 0x2d;
export const I32_STORE = 0x36;
export const I64_STORE = 0x37;
export const I32_CONST = 0x41;
export const I32_EQZ = 0x45;
export const I32_GE_S = 0x4e;
export const I32_ADD = 0x6a;
export const I32_MUL = 0x6c;
export const I32_AND = 0x71;
export const I32_WRAP_I64 = 0xa7;

/** the opcode is a number that follows */
const EXTENDED = 0xfc;

const CODE_SECTION = 10;
const HEADER_BYTES = 8;

/** @returns the unsigned LEB128 number at `at`, and the offset behind it */
export function readUnsigned(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++] as number;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
}

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

export function functionBodies(wasm: Uint8Array): FunctionBody[] {
  const section = codeSection(wasm);
  const bodies: FunctionBody[] = [];
  let [count, at] = readUnsigned(wasm, section.start);
  for (; count > 0; count--) {
    const [length, start] = readUnsigned(wasm, at);
    at = start + length;
    bodies.push({ start, end: at });
  }
  return bodies;
}

export function* instructions(wasm: Uint8Array, { start, end }: FunctionBody): Generator<Instruction> {
  let [groups, at] = readUnsigned(wasm, start);
  for (; groups > 0; groups--) at = readUnsigned(wasm, at)[1] + 1;
  while (at < end) {
    const next = endOfInstruction(wasm, at);
    yield { at, opcode: wasm[at] as number, end: next };
    at = next;
  }
}

/** @param edits within the body, in any order, not overlapping */
export function editFunction(wasm: Uint8Array, body: FunctionBody, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  const section = codeSection(wasm);
  const parts: Uint8Array[] = [];
  let from = body.start;
  for (const { at, length, bytes } of [...edits].sort((a, b) => a.at - b.at)) {
    parts.push(wasm.subarray(from, at), Uint8Array.from(bytes));
    from = at + length;
  }
  const edited = join([...parts, wasm.subarray(from, body.end)]);
  const sizeAt = body.start - unsigned(body.end - body.start).length;
  const code = join([
    wasm.subarray(section.start, sizeAt),
    Uint8Array.from(unsigned(edited.length)),
    edited,
    wasm.subarray(body.end, section.end),
  ]);
  const size = Uint8Array.from(unsigned(code.length));
  return join([wasm.subarray(0, section.sizeAt), size, code, wasm.subarray(section.end)]);
}

/** `sizeAt` is where the section's length stands, `start` where its content begins. */
function codeSection(wasm: Uint8Array): { sizeAt: number; start: number; end: number } {
  for (let at = HEADER_BYTES; at < wasm.length; ) {
    const [length, start] = readUnsigned(wasm, at + 1);
    if (wasm[at] === CODE_SECTION) return { sizeAt: at + 1, start, end: start + length };
    at = start + length;
  }
  throw new Error('The WebAssembly module has no code.');
}

function endOfInstruction(wasm: Uint8Array, at: number): number {
  const opcode = wasm[at] as number;
  if (opcode === BR_TABLE) {
    const [count, end] = readUnsigned(wasm, at + 1);
    return skipNumbers(wasm, end, count + 1);
  }
  if (opcode === EXTENDED) {
    const [extended, end] = readUnsigned(wasm, at + 1);
    // trunc_sat has no operand, memory.fill one, memory.copy two.
    const operands = extended < 8 ? 0 : extended === 11 ? 1 : extended === 10 ? 2 : undefined;
    if (operands !== undefined) return skipNumbers(wasm, end, operands);
  }
  const operands = operandCount(opcode);
  if (operands === undefined) {
    throw new Error(`Offset ${at} of the WebAssembly module: unknown instruction 0x${opcode.toString(16)}.`);
  }
  return operands < 0 ? at + 1 - operands : skipNumbers(wasm, at + 1, operands);
}

/** @returns the offset behind `count` LEB128 numbers */
function skipNumbers(wasm: Uint8Array, at: number, count: number): number {
  let end = at;
  for (let left = count; left > 0; end++) if ((wasm[end] as number) < 128) left--;
  return end;
}

/** How many LEB128 numbers follow an opcode; negative: so many bytes. */
function operandCount(opcode: number): number | undefined {
  if (opcode === 0x43) return -4;
  if (opcode === 0x44) return -8;
  if (opcode >= BLOCK && opcode <= IF) return 1;
  if (opcode === 0x0c || opcode === 0x0d || opcode === CALL) return 1;
  if (opcode === CALL_INDIRECT) return 2;
  if (opcode >= LOCAL_GET && opcode <= 0x24) return 1;
  if (opcode >= I32_LOAD && opcode <= 0x3e) return 2;
  if (opcode === 0x3f || opcode === 0x40 || opcode === I32_CONST || opcode === 0x42) return 1;
  const isPlain = opcode <= 0x01 || opcode === 0x05 || opcode === END || opcode === 0x0f;
  if (isPlain || opcode === 0x1a || opcode === 0x1b || (opcode >= I32_EQZ && opcode <= 0xc4)) return 0;
  return undefined;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
