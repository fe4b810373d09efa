import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A program in TypeScript with decorators, accessors, resources that it uses, assertions and generic classes does what its JavaScript does.',
  rows: ['1.durable-object-class', '1.rpc-target', '4.by-reference', '4.using'],
  typescript: true,
  modules: {
    'audit.ts': `
export const calls: string[] = [];
type Method<This, Args extends unknown[], R> = (this: This, ...args: Args) => R;
export function audited<This, Args extends unknown[], R>(method: Method<This, Args, R>, context: ClassMethodDecoratorContext<This, Method<This, Args, R>>) {
  const name = String(context.name);
  context.addInitializer(function () { calls.push('made ' + name + ' static ' + context.static + ' private ' + context.private); });
  return function (this: This, ...args: Args): R { calls.push(name + '(' + args.length + ')'); return method.call(this, ...args); };
}
export const within = (low: number, high: number) => <This,>(target: ClassAccessorDecoratorTarget<This, number>, context: ClassAccessorDecoratorContext<This, number>): ClassAccessorDecoratorResult<This, number> => ({
  get() { return target.get.call(this); },
  set(value) { target.set.call(this, Math.min(high, Math.max(low, value))); },
  init: (value) => { calls.push(context.kind + ' ' + String(context.name) + ' ' + value); return value; },
});
export function named(text: string) { return <C extends abstract new (...args: any[]) => object>(value: C, context: ClassDecoratorContext<C>) => { context.addInitializer(function () { calls.push('class ' + context.name + ' is ' + text); }); }; }
export function doubled(_: undefined, context: ClassFieldDecoratorContext) { return (value: number) => value * 2; }
`,
  },
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';
import { audited, calls, doubled, named, within } from './audit.js';

interface Env { OBJ: DurableObjectNamespace<Obj> }

class Lock implements Disposable, AsyncDisposable {
  constructor(private readonly name: string, private readonly log: string[]) { log.push('takes ' + name); }
  [Symbol.dispose](): void { this.log.push('gives ' + this.name); }
  async [Symbol.asyncDispose]() { await null; this.log.push('gives later ' + this.name); }
}

@named('the teller')
class Teller extends RpcTarget {
  constructor(private ctx: DurableObjectState, readonly who: string) { super(); }
  @audited pay(amount: number): number {
    const balance = ((this.ctx.storage.kv.get('balance') as number | undefined) ?? 0) + amount;
    this.ctx.storage.kv.put('balance', balance);
    return balance;
  }
  @audited static rate() { return 3; }
  get name() { return this.who; }
}

abstract class Base<in out T> {
  protected abstract readonly seed: T;
  static { calls.push('static block'); }
}

export class Obj extends DurableObject<Env> {
  @within(0, 10) accessor level = 4;
  @doubled twice = 21;
  log: string[] = [];
  constructor(ctx: DurableObjectState, env: Env) { super(ctx, env); this.level = 99; }
  teller(who: string) { return new Teller(this.ctx, who); }
  seen() { return [this.level, this.twice, Object.keys(this), Teller.rate(), calls]; }
  @audited async locked(fails: boolean) {
    const log: string[] = [];
    const run = async () => {
      using outer = new Lock('outer', log);
      await using inner = new Lock('inner', log);
      using nothing = null;
      for (using each of [new Lock('first', log), new Lock('second', log)]) log.push('in the loop');
      if (fails) throw new RangeError('inside');
      log.push('done');
    };
    return [await run().catch((error: unknown) => { assertIsError(error); return inspect(error); }), ...log];
  }
}

function assertIsError(value: unknown): asserts value is Error { if (!(value instanceof Error)) throw new TypeError('no error'); }

export default worker(async ({ say, env }: { say: any; env: Env }) => {
  const stub = env.OBJ.getByName('a');
  await say('a teller', async () => { using teller = await stub.teller('Ann'); return [await teller.pay(5), await teller.pay(2), await teller.name]; });
  await say('what is private', async () => { using teller = await stub.teller('Ann'); return (teller as any).ctx.id; });
  await say('seen', () => stub.seen());
  await say('locked', () => stub.locked(false));
  await say('locked, fails', () => stub.locked(true));
  await say('seen again', () => stub.seen());
  await say('a class of its own', () => { class Sum extends Base<number> { protected readonly seed = 2; of<const T extends readonly number[]>(...list: T) { return list.reduce((a, b) => a + b, this.seed); } } return new Sum().of(1, 2, 3); });
  await say('two errors', async () => { try { using a = { [Symbol.dispose]() { throw new RangeError('later'); } }; throw new TypeError('first'); } catch (error: any) { return [error.constructor.name, inspect(error.error), inspect(error.suppressed)]; } });
});
`,
});
