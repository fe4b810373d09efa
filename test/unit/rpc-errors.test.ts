/**
 * What becomes of what a method throws. Every expected line was seen in workerd 1.20260730.1, with the compatibility
 * dates 2026-07-30 (enhanced_error_serialization) and 2026-04-01 (before it).
 */
import { describe, expect, test } from 'vitest';
import { ErrorCodec } from '../../src/rpc/errors.ts';
import { ExternalRegistry } from '../../src/rpc/externals.ts';
import { DurableObject, hostObject, makeCodecs, RpcTarget, show } from '../support/rpc-realm.ts';

class Sub extends TypeError {}
class Plain {
  own = 1;
}
class T extends RpcTarget {}

function withProperty(error: Error, key: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(error, key, descriptor);
}

const THROWN = {
  sub: () => new Sub('sub'),
  named: () => Object.assign(new Sub('named'), { name: 'Nm' }),
  getname: () => {
    class G extends Error {
      override get name() {
        return 'GN';
      }
    }
    return new G('gn');
  },
  proto: () => {
    class E2 extends Error {}
    E2.prototype.name = 'PN';
    return new E2('pn');
  },
  dom: () => new DOMException('dm', 'NotFoundError'),
  fnprop: () => Object.assign(new Error('fp'), { f() {}, ok: 1 }),
  clsprop: () => Object.assign(new Error('cp'), { f: new Plain(), ok: 1 }),
  num: () => 42,
  undef: () => undefined,
  nul: () => null,
  str: () => 's',
  bool: () => true,
  bigint: () => 5n,
  symbol: () => Symbol('zz'),
  obj: () => ({ a: 1 }),
  arr: () => [1],
  date: () => new Date(0),
  map: () => new Map(),
  inst: () => new Plain(),
  remote: () => Object.assign(new Error('r'), { remote: false, retryable: true }),
  overl: () => Object.assign(new Error('ov'), { overloaded: true, zed: 1 }),
  frozen: () => Object.freeze(new Error('frz')),
  msgless: () => new Error(),
  hidden: () => withProperty(new Error('hid'), 'h', { value: 1 }),
  getter: () => withProperty(new Error('gt'), 'g', { get: () => 9, enumerable: true }),
  evil: () =>
    withProperty(new Error('gt'), 'g', {
      get() {
        throw new Error('inner');
      },
      enumerable: true,
    }),
  evale: () => new EvalError('ev'),
  urie: () => new URIError('ur'),
  refe: () => new ReferenceError('re'),
  syn: () => new SyntaxError('sy'),
  fn: () => function ff() {},
  target: () => new T(),
  causeprim: () => new TypeError('t', { cause: 'c' }),
  causefn: () => new TypeError('t', { cause() {} }),
};
type Kind = keyof typeof THROWN | 'cyc';

class Thrower extends DurableObject {
  throw(kind: Kind) {
    if (kind === 'cyc') {
      const error = new Error('cyc') as Error & { self?: unknown };
      error.self = error;
      throw error;
    }
    throw THROWN[kind]();
  }
  lines() {
    throw new Error('one\ntwo');
  }
  aggregate() {
    throw new AggregateError([new TypeError('a'), 'b'], 'aggm');
  }
  cause() {
    throw new Error('c', { cause: new RangeError('inner', { cause: { x: 1 } }) });
  }
  value(error: unknown) {
    return error ?? Object.assign(new Sub('val'), { p: 1 });
  }
}

const R = '"remote":true';
const ENHANCED: [Kind, string][] = [
  ['sub', `TypeError(TypeError): sub {${R}}`],
  ['named', `Error(Nm): named {"name":"Nm",${R}}`],
  ['getname', `Error(GN): gn {"name":"GN",${R}}`],
  ['proto', `Error(PN): pn {"name":"PN",${R}}`],
  ['dom', `DOMException(NotFoundError): dm {"code":8,"name":"NotFoundError",${R}}`],
  ['fnprop', `Error(Error): fp {${R}}`],
  ['clsprop', `Error(Error): cp {"f":{"own":1},"ok":1,${R}}`],
  ['num', `Error(Error): 42 {${R}}`],
  ['undef', `Error(Error): undefined {${R}}`],
  ['nul', `Error(Error): null {${R}}`],
  ['str', `Error(Error): s {${R}}`],
  ['bool', `Error(Error): true {${R}}`],
  ['bigint', `Error(Error): 5 {${R}}`],
  ['symbol', `Error(Error): Symbol(zz) {${R}}`],
  ['obj', `Object(undefined): undefined {"a":1,${R}}`],
  ['arr', `Array(undefined): undefined {"0":1,${R}}`],
  ['date', `Date(undefined): undefined {${R}}`],
  ['map', `Map(undefined): undefined {${R}}`],
  ['inst', `Object(undefined): undefined {"own":1,${R}}`],
  ['remote', `Error(Error): r {${R},"retryable":true}`],
  ['overl', `Error(Error): ov {"overloaded":true,"zed":1,${R}}`],
  ['frozen', `Error(Error): frz {${R}}`],
  ['msgless', `Error(Error):  {${R}}`],
  ['hidden', `Error(Error): hid {"h":1,${R}}`],
  ['getter', `Error(Error): gt {"g":9,${R}}`],
  ['evil', `Error(Error): gt {${R}}`],
  ['cyc', `Error(Error): cyc {${R}}`],
  ['evale', `EvalError(EvalError): ev {${R}}`],
  ['urie', `URIError(URIError): ur {${R}}`],
  ['refe', `ReferenceError(ReferenceError): re {${R}}`],
  ['syn', `SyntaxError(SyntaxError): sy {${R}}`],
  ['fn', `Error(Error): function ff() {} {${R}}`],
  ['target', `Error(Error): #<T> {${R}}`],
  ['causeprim', `TypeError(TypeError): t {"cause":"c",${R}}`],
  ['causefn', `TypeError(TypeError): t {${R}}`],
];

describe('since 2026-04-21', () => {
  const o = hostObject(new Thrower()).stub();

  test.each(ENHANCED)('%s arrives as on the platform', async (kind, line) => {
    expect(await show(() => o.throw(kind))).toBe(`THROWS ${line}`);
  });

  test('an AggregateError keeps its errors, and causes keep theirs', async () => {
    const aggregate = await o.aggregate().catch((error: AggregateError) => error);
    expect([
      aggregate.constructor.name,
      Object.keys(aggregate),
      aggregate.errors[0].constructor,
      aggregate.errors[1],
    ]).toEqual(['AggregateError', ['errors', 'remote'], TypeError, 'b']);
    expect([aggregate.errors[0].message, Object.keys(aggregate.errors[0])]).toEqual(['a', []]);
    const { cause } = await o.cause().catch((error: Error) => error);
    expect([cause.constructor, cause.message, cause.cause, cause.remote]).toEqual([
      RangeError,
      'inner',
      { x: 1 },
      undefined,
    ]);
  });

  test('the stack is that of whoever waits, not the thrower’s', async () => {
    async function caller() {
      await o.throw('sub');
    }
    async function outer() {
      return await caller();
    }
    const error = await outer().catch((reason: Error) => reason);
    const [head, ...frames] = `${(error as Error).stack}`.split('\n');
    expect([head, frames[0]?.includes('caller'), frames[1]?.includes('outer')]).toEqual(['TypeError: sub', true, true]);
    expect(frames.join()).not.toMatch(/Thrower|src\/rpc/);
    const lines = await o.lines().catch((reason: Error) => reason);
    expect(lines.stack.split('\n').slice(0, 2)).toEqual(['Error: one', 'two']);
  });

  test('an error that is a value keeps class and properties and gets no flag', async () => {
    const error = await o.value();
    expect([error.constructor, error.message, Object.entries(error)]).toEqual([TypeError, 'val', [['p', 1]]]);
    const sent = await o.value(Object.assign(new Sub('arg'), { p: 1 }));
    expect([sent.constructor, Object.keys(sent)]).toEqual([TypeError, ['p']]);
  });
});

describe('before 2026-04-21', () => {
  const o = hostObject(new Thrower(), { codecs: makeCodecs({ enhancedErrors: false }) }).stub();

  test.each<[Kind, string]>([
    ['sub', `TypeError(TypeError): sub {${R}}`],
    ['named', `Error(Error): Nm: named {${R}}`],
    ['getname', `Error(Error): gn {${R}}`],
    ['proto', `Error(Error): PN: pn {${R}}`],
    ['dom', `DOMException(NotFoundError): dm {"code":8,"name":"NotFoundError",${R}}`],
    ['clsprop', `Error(Error): cp {${R}}`],
    ['str', `Error(Error): s {${R}}`],
    ['obj', `Error(Error): #<Object> {${R}}`],
    ['arr', `Error(Error): [object Array] {${R}}`],
    ['date', `Error(Error): [object Date] {${R}}`],
    ['map', `Error(Error): #<Map> {${R}}`],
    ['inst', `Error(Error): #<Plain> {${R}}`],
    ['remote', `Error(Error): r {${R},"retryable":true}`],
    ['overl', `Error(Error): ov {${R},"overloaded":true}`],
    ['hidden', `Error(Error): hid {${R}}`],
    ['target', `Error(Error): #<T> {${R}}`],
    ['causeprim', `TypeError(TypeError): t {${R}}`],
  ])('%s arrives as on the platform', async (kind, line) => {
    expect(await show(() => o.throw(kind))).toBe(`THROWS ${line}`);
  });
});

test('flags stand in the platform’s order, and a fetch in flight adds remote before them', () => {
  const codec = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });
  const wire = codec.encode(new RangeError('no'), { durableObjectReset: true });
  expect(Object.entries(codec.decode(wire) as object)).toEqual([['durableObjectReset', true]]);
  expect(Object.entries(codec.decode(wire, { remote: true }) as object)).toEqual([
    ['remote', true],
    ['durableObjectReset', true],
  ]);
  expect(codec.decode(wire)).not.toBe(codec.decode(wire));
});
