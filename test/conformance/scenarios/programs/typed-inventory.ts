import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stock of goods in TypeScript, with enums, parameter properties, namespaces, overloads and types of every kind, does what its JavaScript does.',
  rows: ['1.durable-object-class', '4.by-value', '9.exec'],
  typescript: true,
  modules: {
    'stock/kinds.ts': `
export enum Kind { Food = 1, Tool, Book = Tool * 10, Other }
export enum Unit { Piece = 'piece', Kilo = 'kg' }
export const enum Step { Small = 1 << 2, Large = Small << 4 }
export interface Good { readonly name: string; kind: Kind; unit?: Unit }
export type Line = Good & { count: number };
export namespace Price {
  const rates = new Map<Kind, number>([[Kind.Food, 2], [Kind.Tool, 10]]);
  export let asked = 0;
  export function of(kind: Kind): number { asked++; return rates.get(kind) ?? Fallback.price; }
  export namespace Fallback { export const price = 7 as const; }
}
export abstract class Shelf<T extends Good = Good> {
  static made = 0;
  declare label: string;
  protected lines: T[] = [];
  constructor(public readonly place: string, private limit = 2, protected note?: string) { Shelf.made++; this.label ??= 'shelf ' + place; }
  abstract accepts(good: T): boolean;
  add(good: T): this { if (!this.accepts(good)) throw new ShelfError(this.place, good.kind); this.lines.push(good); return this; }
  get isFull(): boolean { return this.lines.length >= this.limit; }
}
export class ShelfError extends Error {
  override name = 'ShelfError';
  constructor(place: string, readonly kind: Kind) { super('no ' + Kind[kind] + ' on ' + place); }
}
`,
    'stock/read.ts': `
import type { Good } from './kinds';
import { type Line, Kind, Unit } from './kinds.ts';
export function parse(text: string): Line;
export function parse(text: string, many: true): Line[];
export function parse(text: string, many = false): Line | Line[] {
  const one = (part: string): Line => { const [name, kind, count] = part.split(':') as [string, keyof typeof Kind, string]; return { name: name!, kind: Kind[kind], unit: Unit.Piece, count: Number(count) }; };
  return many ? text.split(',').map(one) : one(text);
}
export function isGood(value: unknown): value is Good { return typeof value === 'object' && value !== null && 'name' in value; }
export default <T,>(value: T): T => value;
export type { Good };
`,
  },
  program: `
import { DurableObject, type RpcTarget } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import same, { isGood, parse, type Good } from './stock/read';
import { Kind, Price, Shelf, ShelfError, Step, Unit } from './stock/kinds.js';
import type * as Kinds from './stock/kinds';

interface Env { OBJ: DurableObjectNamespace<Obj> }
type Told = [name: string, total: number];

class ToolShelf extends Shelf<Good> {
  public accepts({ kind }: Good) { return kind === Kind.Tool; }
}

export class Obj extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  private shelves: Record<string, Shelf> = {};
  declare private later?: string;
  static readonly version = 3 satisfies number;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec('create table if not exists stock(name text primary key, kind int, count int)');
  }

  async put(text: string): Promise<number> {
    for (const { name, kind, count } of parse(text, true)) this.#sql.exec('insert into stock values (?, ?, ?) on conflict(name) do update set count = count + excluded.count', name, kind, count);
    return this.#sql.exec<{ n: number }>('select count(*) as n from stock').one().n;
  }
  told(): Told[] {
    return [...this.#sql.exec('select name, kind, count from stock order by name')].map((row) => [String(row.name), Price.of(row.kind as Kind) * (row.count as number)] as Told);
  }
  shelve(text: string): string {
    const good = parse(text);
    const shelf = (this.shelves['tools'] ??= new ToolShelf('the wall', 1));
    return shelf.add(good as Good).label + ', full: ' + shelf.isFull;
  }
  fields(): string[] { return [...Object.keys(this), ...Object.keys(this.shelves['tools'] ?? {}), 'later' in this ? 'later' : 'no later', String(Obj.version)]; }
}

export default worker(async ({ say, env }: { say: any; env: Env }) => {
  const stock = env.OBJ.getByName('stock');
  await say('enums', () => [Kind.Food, Kind.Tool, Kind.Book, Kind.Other, Kind[20], Kind['Other'], Unit.Kilo, Object.keys(Kind), Object.keys(Unit), Step.Small, Step.Large]);
  await say('put', () => stock.put('bread:Food:3,hammer:Tool:2,novel:Book:1'));
  await say('put again', () => stock.put('bread:Food:1,map:Other:2'));
  await say('told', () => stock.told());
  await say('shelve a tool', () => stock.shelve('saw:Tool:1'));
  await say('shelve food', () => stock.shelve('ham:Food:1'));
  await say('fields', () => stock.fields());
  await say('here', () => { const { made } = Shelf; const { asked } = Price; const shelf = new ToolShelf('here', undefined, 'a note'); const price = Price.of(Kind.Book); return [Object.keys(shelf), Shelf.made - made, shelf.place, 'label' in shelf, (shelf as any).limit, price, Price.asked - asked, Price.Fallback.price]; });
  await say('an error', () => { throw new ShelfError('there', Kind.Book); });
  await say('guards', () => [isGood({ name: 'x' } satisfies Partial<Good>), isGood(null), same<number>(5), (<string>'cast').length, [1, 2][0]! + 1, ((x?: number) => x ?? 'none')()]);
  label: for (const kind of [Kind.Food, Kind.Tool] as const) { if (kind === Kind.Food) continue label; await say('a label', () => Kind[kind]); }
});
`,
});
