/**
 * What a program sees of stubs, calls, properties and errors. Every expected line was seen in workerd 1.20260730.1
 * (SURFACE 3, 4 and traps 12 to 17).
 */
import { expect, test } from 'vitest';
import { RpcPromise, RpcProperty, ServiceStub } from '../../src/rpc/stub.ts';
import type { Member } from '../../src/rpc/target.ts';
import { DurableObject, hostObject, makeCodecs, RpcTarget, show } from '../support/rpc-realm.ts';

class Plain {
  own = 1;
  m() {
    return 'pm';
  }
}

class Target extends RpcTarget {
  own = 1;
  m() {
    return 'tm';
  }
  get self() {
    return this;
  }
}

class Base extends DurableObject {
  inherited() {
    return 'inh';
  }
}

class Obj extends Base {
  field = 1;
  arrow = () => 1;
  get g() {
    return { a: { b: 2 } };
  }
  _u() {
    return 'exposed';
  }
  #p() {}
  usesPrivate() {
    return this.#p();
  }
  static st() {}
  name() {
    return 'n';
  }
  override toString() {
    return 'custom';
  }
  dup() {}
  alarm() {}
  rpc() {
    class P {
      x = 1;
    }
    return new P();
  }
  np() {
    return Object.assign(Object.create(null), { a: 1 });
  }
  get thrower() {
    throw new Error('getter');
  }
  get und() {
    return undefined;
  }
  get num() {
    return 5;
  }
  get asyncp() {
    return Promise.resolve({ a: { b: 3 } });
  }
  get plain() {
    return new Plain();
  }
  get fnp() {
    return Object.assign(() => 'called', { prop: 5 });
  }
  get gp() {
    const np = Object.assign(Object.create(null), { q: 1 });
    return {
      a: { b: 2, u: undefined },
      arr: [1],
      n: null,
      s: 'str',
      d: new Date(0),
      f: (x: string) => `f${x}`,
      nf: 5,
      m: new Map([['k', 1]]),
      plain: new Plain(),
      t: new Target(),
      dup: () => 'dupped',
      err: new Error('x'),
      np,
    };
  }
  prim() {
    return 5;
  }
  plainObj() {
    return { a: { b: 2 }, arr: [{ z: 1 }], n: null, s: 'str', d: new Date(0), m: new Map() };
  }
  arr() {
    return [1];
  }
  count(...args: unknown[]) {
    return [args.length, args];
  }
  echo(value: unknown) {
    return value;
  }
  big(size: number) {
    return new Uint8Array(size);
  }
  bigArg(bytes: Uint8Array | string) {
    return bytes.length;
  }
  who() {
    return this instanceof Obj;
  }
  target() {
    return new Target();
  }
  fail() {
    throw new TypeError('sub');
  }
}
Object.assign(Obj.prototype, { protoVal: { v: 1 }, protoNull: null });

const o = hostObject(new Obj()).stub();
const walk = (names: string) => names.split('.').reduce((at, name) => at[name], o);

test('trap 12: prototype members only; underscore is not private, class fields are', async () => {
  const lines = [
    await show(() => o.field),
    await show(() => o.arrow()),
    await show(() => o.g.a.b),
    await show(() => o._u()),
    await show(() => o.g()),
    await show(() => o.nope()),
  ];
  expect(lines).toEqual([
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "field". {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "arrow". {"remote":true}',
    '2',
    'exposed',
    'THROWS TypeError(TypeError): "g" is not a function. {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "nope". {"remote":true}',
  ]);
});

test('trap 13: some names never reach the object', async () => {
  const lines = [
    typeof o.name,
    await show(() => o.toString()),
    typeof o.then,
    await show(() => o.alarm()),
    await show(() => o.dup()),
    typeof o.whatever,
    'whatever' in o,
  ];
  expect(lines).toEqual([
    'string',
    '[object DurableObject]',
    'undefined',
    'THROWS TypeError(TypeError): \'alarm\' is a reserved method and cannot be called over RPC. {"remote":true}',
    'THROWS TypeError(TypeError): \'dup\' is a reserved method and cannot be called over RPC. {"remote":true}',
    'function',
    true,
  ]);
});

test('trap 14: class instances and null-prototype objects are refused', async () => {
  expect([await show(() => o.rpc()), await show(() => o.np())]).toEqual([
    'THROWS DOMException(DataCloneError): Could not serialize object of type "P". This type does not support serialization. {"code":25,"name":"DataCloneError","remote":true}',
    'THROWS DOMException(DataCloneError): Could not serialize object of type "Object". This type does not support serialization. {"code":25,"name":"DataCloneError","remote":true}',
  ]);
});

test('trap 16: pipelining walks object keys; a call on what came by value is refused with the platform text', async () => {
  const lines = [
    await show(() => o.plainObj().a.b),
    await show(() => o.plainObj().a.b()),
    await show(() => o.plainObj().a()),
    await show(() => o.plainObj()()),
    await show(() => o.prim().x),
    await show(() => o.prim().x()),
    await show(() => o.arr().length),
    await show(() => o.fail().x.y()),
    await show(() => o.plainObj().zz),
    await show(() => o.plainObj().n.q),
    await show(() => o.plainObj().s.length),
    await show(() => o.plainObj().arr[0].z),
    await show(() => o.plainObj().m.get('k')),
  ];
  expect(lines).toEqual([
    '2',
    'THROWS TypeError(TypeError): "a.b" is not a function. {"remote":true}',
    'THROWS TypeError(TypeError): "a" is not a function. {"remote":true}',
    'THROWS TypeError(TypeError): "(this)" is not a function. {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "x". {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "x". {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "length". {"remote":true}',
    'THROWS TypeError(TypeError): sub {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "zz". {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "n". {"remote":true}',
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "s". {"remote":true}',
    "THROWS TypeError(TypeError): Cannot read properties of undefined (reading 'z') {}",
    'THROWS TypeError(TypeError): The RPC receiver does not implement the method "m". {"remote":true}',
  ]);
});

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

const missing = (name: string) =>
  `THROWS TypeError(TypeError): The RPC receiver does not implement the method "${name}". {"remote":true}`;
const noFunction = (path: string) => `THROWS TypeError(TypeError): "${path}" is not a function. {"remote":true}`;
const reserved = (name: string) =>
  `THROWS TypeError(TypeError): '${name}' is a reserved method and cannot be called over RPC. {"remote":true}`;

test.each<[string, string]>([
  ['inherited', 'inh'],
  ['webSocketMessage', reserved('webSocketMessage')],
  ['webSocketClose', reserved('webSocketClose')],
  ['webSocketError', reserved('webSocketError')],
  ['scheduled', missing('scheduled')],
  ['ctx', missing('ctx')],
  ['st', missing('st')],
  ['', missing('')],
  ['protoNull', noFunction('protoNull')],
  ['thrower', 'THROWS Error(Error): getter {"remote":true}'],
  ['num', noFunction('num')],
  ['und', missing('und')],
  ['fnp', 'called'],
  ['call', missing('call')],
  ['usesPrivate', '<undefined>'],
  ['who', 'true'],
  ['gp.a.b', noFunction('gp.a.b')],
  ['gp.a.u', noFunction('gp.a.u')],
  ['gp.a.u.x', missing('u')],
  ['gp.a.zz.y', missing('zz')],
  ['gp.arr.map', missing('arr')],
  ['gp.n.x', missing('n')],
  ['gp.d.getTime', missing('d')],
  ['gp.m.size', missing('m')],
  ['gp.plain.m', missing('plain')],
  ['gp.err.message', missing('err')],
  ['gp.np.q', missing('np')],
  ['gp.t.m', 'tm'],
  ['gp.t.own', missing('own')],
  ['gp.t.self.m', 'tm'],
  ['gp.dup', reserved('dup')],
  ['plain.m', missing('plain')],
])('calling %s gives what the platform gives', async (path, line) => {
  const result = await show(() => walk(path)());
  expect(result === '"<undefined>"' ? '<undefined>' : result).toBe(line);
});

test.each<[string, string]>([
  ['alarm', reserved('alarm')],
  ['protoVal', '{"v":1}'],
  ['protoNull', 'null'],
  ['num', '5'],
  ['und', missing('und')],
  ['ctx', missing('ctx')],
  ['asyncp', '{"a":{"b":3}}'],
  ['asyncp.a.b', missing('asyncp')],
  ['fnp.prop', '5'],
  ['thrower.x', 'THROWS Error(Error): getter {"remote":true}'],
  ['gp.a', '{"b":2,"u":"<undefined>"}'],
  ['gp.a.u', '"<undefined>"'],
  ['gp.arr', '[1]'],
  ['gp.d', '"1970-01-01T00:00:00.000Z"'],
  ['gp.t.own', missing('own')],
])('reading %s gives what the platform gives', async (path, line) => {
  expect(await show(() => walk(path))).toBe(line);
});

test('a stub has the shape of the platform', async () => {
  const stub = hostObject(new Obj()).stub();
  expect(Object.prototype.toString.call(stub)).toBe('[object DurableObject]');
  expect(Reflect.ownKeys(stub)).toEqual(['name', 'id']);
  expect(stub.constructor.name).toBe('DurableObject');
  expect(Object.getPrototypeOf(stub.constructor.prototype).constructor.name).toBe('ServiceStub');
  expect(stub instanceof ServiceStub).toBe(true);
  expect([stub.x instanceof RpcProperty, stub.x instanceof RpcPromise]).toEqual([true, false]);
  expect([stub.prim() instanceof RpcPromise, stub.prim() instanceof RpcProperty]).toEqual([true, false]);
  expect([typeof stub.x, typeof stub.x.y, typeof stub.x.name, Reflect.ownKeys(stub.x)]).toEqual([
    'function',
    'function',
    'function',
    [],
  ]);
  expect([`${Object.prototype.toString.call(stub.x.apply)}`, `${stub.prim()}`]).toEqual([
    '[object JsRpcProperty]',
    '[object JsRpcPromise]',
  ]);
  expect([stub[0], '0' in stub, 'then' in stub, Symbol.iterator in stub, typeof stub['00']]).toEqual([
    undefined,
    false,
    false,
    false,
    'function',
  ]);
  const [fetch, x] = [stub.fetch, stub.x];
  expect([stub.fetch === fetch, stub.x === x, fetch.length]).toEqual([true, false, 0]);
  const promise = stub.prim();
  expect([
    promise instanceof Promise,
    promise.then(() => {}) instanceof Promise,
    typeof promise[Symbol.dispose],
  ]).toEqual([false, true, 'function']);
  expect([await promise.then((v: number) => v + 1), await promise.finally(() => {}), await promise]).toEqual([6, 5, 5]);
  expect(JSON.stringify(stub)).toBe('{"name":"a","id":{"hex":"id"}}');
});

test('what may not be assigned, made or called says so as the platform does', async () => {
  const stub = hostObject(new Obj()).stub();
  expect(
    attempt(() => {
      stub.name = 1;
    }),
  ).toBe("TypeError: Cannot assign to read only property 'name' of object '#<DurableObject>'");
  stub.foo = 1;
  expect([stub.foo, Object.keys(stub)]).toEqual([1, ['name', 'id', 'foo']]);
  delete stub.foo;
  expect(typeof stub.foo).toBe('function');
  for (const type of [RpcPromise, RpcProperty, ServiceStub, stub.constructor]) {
    expect(attempt(() => new type())).toBe('TypeError: Illegal constructor');
  }
  expect(attempt(() => stub.num.then())).toBe(
    "TypeError: Failed to execute 'then' on 'JsRpcProperty': parameter 1 is not of type 'Function'.",
  );
  expect(attempt(() => stub.prim().catch())).toBe(
    "TypeError: Failed to execute 'catch' on 'JsRpcPromise': parameter 1 is not of type 'Function'.",
  );
  expect(await show(() => stub.fetch.call(undefined, 'http://x/'))).toMatch(
    /^THROWS TypeError\(TypeError\): Illegal invocation: /,
  );
  expect(await show(() => Reflect.apply(stub.prim, null, []))).toBe('5');
});

test('a getter runs for each await, not for each read of the name', async () => {
  let runs = 0;
  class Counting extends DurableObject {
    get runs() {
      return ++runs;
    }
  }
  const stub = hostObject(new Counting()).stub();
  const property = stub.runs;
  expect(runs).toBe(0);
  expect([await property, await property]).toEqual([1, 2]);
});

test('arguments keep their count and are read at the call; serialisation errors reject and never throw', async () => {
  expect(await show(() => o.count(undefined, 1, undefined))).toBe('[3,["<undefined>",1,"<undefined>"]]');
  expect(await show(() => o.count())).toBe('[0,[]]');
  const arg = { v: 1 };
  const later = o.echo(arg);
  arg.v = 2;
  expect(await show(() => later)).toBe('{"v":1}');
  const refused = o.count(Symbol('q'));
  expect(await show(() => refused)).toBe(
    'THROWS DOMException(DataCloneError): Symbol(q) could not be cloned. {"code":25,"name":"DataCloneError"}',
  );
  expect(await show(() => o.count(new Plain()))).toBe(
    'THROWS DOMException(DataCloneError): Could not serialize object of type "Plain". This type does not support serialization. {"code":25,"name":"DataCloneError"}',
  );
  expect(await show(() => o.count(new WeakMap()))).toMatch(/#<WeakMap> could not be cloned\./);
  expect(await show(() => o.count(Promise.resolve(1)))).toMatch(/#<Promise> could not be cloned\./);
  expect(await show(() => o.count(o.x))).toMatch(/Could not serialize object of type "RpcProperty"\./);
  expect(await show(() => o.count(o.prim()))).toMatch(/Could not serialize object of type "RpcPromise"\./);
});

test.each(['plainObj', 'arr', 'gp.a', 'gp.d'])('the result of %s has a hidden Symbol.dispose', async (path) => {
  const result = path.includes('.') ? await walk(path) : await o[path]();
  const { value, ...rest } = Object.getOwnPropertyDescriptor(result, Symbol.dispose) ?? { value: undefined };
  expect(rest).toEqual({ enumerable: false, writable: true, configurable: true });
  expect([typeof value, value.name, value()]).toEqual(['function', '', undefined]);
});

test('a disposed promise still gives its value, but nothing can be pipelined on it', async () => {
  const promise = o.prim();
  promise[Symbol.dispose]();
  expect(await promise).toBe(5);
  const other = o.plainObj();
  other[Symbol.dispose]();
  expect(await show(() => other.a.b)).toBe('THROWS Error(Error): RPC promise used after being disposed. {}');
});

test('32 MiB is the limit of a message', async () => {
  const limit = 32 * 1024 * 1024;
  const text = (size: number) =>
    `THROWS Error(Error): Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${size} bytes.`;
  expect(await show(() => o.bigArg(new Uint8Array(limit)))).toBe(`${text(33554452)} {}`);
  expect(await show(() => o.bigArg('x'.repeat(limit)))).toBe(`${text(33554444)} {}`);
  expect(await show(() => o.big(limit))).toBe(`${text(33554447)} {"remote":true}`);
  expect((await o.big(limit - 40)).length).toBe(limit - 40);
});

test('a class that does not extend DurableObject has no RPC, and the error says what to write', async () => {
  class Legacy {
    hi() {
      return 1;
    }
  }
  const line =
    'THROWS TypeError(TypeError): The receiving Durable Object does not support RPC, because its class was not declared with `extends DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which can be imported from the module "cloudflare:workers". {"remote":true}';
  const legacy = hostObject(new Legacy()).stub();
  expect([await show(() => legacy.hi()), await show(() => legacy.hi)]).toEqual([line, line]);
});

test('an own property hides the prototype member of the same name', async () => {
  class Shadow extends DurableObject {
    both() {
      return 'proto';
    }
  }
  const instance = Object.assign(new Shadow(), { both: () => 'own' });
  expect(await show(() => hostObject(instance).stub().both())).toBe(missing('both'));
});

test('a path deeper than 64 names is refused', async () => {
  let deep = o;
  for (let i = 0; i < 65; i++) deep = deep.a;
  expect(await show(() => deep())).toBe(
    'THROWS TypeError(TypeError): RPC pipelined property path is too deep (max 64). {}',
  );
});

test('a call whose failure nobody looks at is an unhandled rejection; a property that nobody awaits is nothing', async () => {
  const seen: string[] = [];
  const previous = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => seen.push(String(reason)));
  try {
    o.fail();
    void o.thrower;
    o.fail().then(() => {});
    o.count(Symbol('x'));
    await new Promise<void>((resolve) => setImmediate(resolve));
    await o.prim();
    await new Promise<void>((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of previous) process.on('unhandledRejection', listener);
  }
  expect(seen.sort()).toEqual(['DataCloneError: Symbol(x) could not be cloned.', 'TypeError: sub', 'TypeError: sub']);
});

test('patched prototypes open nothing: the walk stands on captured functions', async () => {
  const hasOwn = Object.hasOwn;
  const getPrototypeOf = Object.getPrototypeOf;
  const reflectGet = Reflect.get;
  const join = Array.prototype.join;
  const { walker } = makeCodecs();
  const instance = new Obj();
  let seen: unknown[];
  try {
    Object.hasOwn = () => false;
    Object.getPrototypeOf = () => Object.prototype;
    Reflect.get = (() => 'fooled') as never;
    Array.prototype.join = () => 'fooled';
    seen = [
      attempt(() => walker.find(instance, ['field'])),
      attempt(() => walker.apply(walker.find(instance, ['gp', 'a', 'b']) as Member, [])),
      attempt(() => (walker.find(instance, ['gp', 'a', 'b']) as Member).value),
    ];
  } finally {
    Object.hasOwn = hasOwn;
    Object.getPrototypeOf = getPrototypeOf;
    Reflect.get = reflectGet;
    Array.prototype.join = join;
  }
  expect(seen).toEqual([
    'TypeError: The RPC receiver does not implement the method "field".',
    'TypeError: "gp.a.b" is not a function.',
    2,
  ]);
});
