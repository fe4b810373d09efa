/**
 * `MIMEType` and `MIMEParams` of `node:util`.
 *
 * Promise: as workerd has them (1.20260730, as observed): a parameter that is there already stays as it is, one is asked for in
 * small letters, and parameters that belong to no type hold nothing.
 */
import { type MimeType, mimeText, parametersText, parseMime } from '../base/mime.ts';

type Parameters = [name: string, value: string][];

const OF_A_TYPE = Symbol('of a type');

export class MIMEParams {
  readonly #list: Parameters;
  readonly #isOfType: boolean;

  /** Of a type alone it is given something. */
  constructor(token?: unknown, list?: Parameters) {
    this.#isOfType = token === OF_A_TYPE;
    this.#list = (this.#isOfType && list) || [];
  }

  delete(name: string): void {
    const at = this.#find(`${name}`);
    if (at >= 0) this.#list.splice(at, 1);
  }

  get(name: string): string | null {
    return this.#list[this.#find(`${name}`)]?.[1] ?? null;
  }

  has(name: string): boolean {
    return this.#find(`${name}`) >= 0;
  }

  set(name: string, value: string): void {
    const key = `${name}`.toLowerCase();
    const text = `${value}`;
    if (this.#isOfType && this.#find(key) < 0) this.#list.push([key, text]);
  }

  entries(): IterableIterator<[string, string]> {
    return this.#list.map(([name, value]): [string, string] => [name, value])[Symbol.iterator]();
  }

  keys(): IterableIterator<string> {
    return this.#list.map(([name]) => name)[Symbol.iterator]();
  }

  values(): IterableIterator<string> {
    return this.#list.map(([, value]) => value)[Symbol.iterator]();
  }

  toString(): string {
    return parametersText(this.#list, ';');
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'MIMEParams';
  }

  #find(name: string): number {
    return this.#list.findIndex(([one]) => one === name);
  }
}

export class MIMEType {
  readonly #list: Parameters;
  readonly #params: MIMEParams;
  #type: string;
  #subtype: string;

  constructor(...given: unknown[]) {
    if (given.length === 0) {
      throw new TypeError("Failed to construct 'MIMEType': constructor parameter 1 is not of type 'string'.");
    }
    const text = `${given[0] as string}`;
    const parsed = parseMime(text);
    if (!parsed) throw new TypeError(`Not a valid MIME type: ${text}`);
    this.#type = parsed.type;
    this.#subtype = parsed.subtype;
    this.#list = parsed.parameters.map(([name, value]) => [name, value]);
    this.#params = new MIMEParams(OF_A_TYPE, this.#list);
  }

  get type(): string {
    return this.#type;
  }

  set type(given: string) {
    this.#type = part({ type: given, subtype: 'x' }, 'Not a valid MIME type').type;
  }

  get subtype(): string {
    return this.#subtype;
  }

  set subtype(given: string) {
    this.#subtype = part({ type: 'x', subtype: given }, 'Not a valid MIME subtype').subtype;
  }

  get essence(): string {
    return `${this.#type}/${this.#subtype}`;
  }

  get params(): MIMEParams {
    return this.#params;
  }

  toString(): string {
    return mimeText({ type: this.#type, subtype: this.#subtype, parameters: this.#list });
  }

  toJSON(): string {
    return this.toString();
  }

  get [Symbol.toStringTag](): string {
    return 'MIMEType';
  }
}

/** One half, checked beside another that is right. */
function part({ type, subtype }: Pick<MimeType, 'type' | 'subtype'>, refusal: string): MimeType {
  const parsed = parseMime(`${type}/${subtype}`);
  if (!parsed || parsed.parameters.length > 0) throw new TypeError(refusal);
  return parsed;
}
