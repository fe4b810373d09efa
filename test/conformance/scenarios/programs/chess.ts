import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A chess club lends boards, seats and clocks as trees of RpcTargets made of private members, getters and static blocks, and spectators follow by callbacks.',
  rows: [
    '1.rpc-target',
    '4.visible-members',
    '4.pipelining',
    '4.callbacks',
    '4.dup',
    '4.using',
    '4.stubs-in-values',
    '4.param-ownership',
    '4.error-propagation',
  ],
  config: objects({ CLUB: 'Club', PLAYER: 'Player' }),
  program: `
import { DurableObject, RpcTarget, RpcStub, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect, showNow, tag, worker } from './prelude.js';

const secret = Symbol('secret');
class Piece extends RpcTarget {
  static #count = 0;
  static kinds;
  static { Piece.kinds = Object.freeze(['king', 'pawn']); }
  #kind; own = 'own';
  constructor(kind) { super(); this.#kind = kind; Piece.#count++ }
  get kind() { return this.#kind }
  get moves() { return { up: 1, list: [1n, new Date(0)], nested: { deep: this.#deep() } } }
  get broken() { throw new RangeError('no such square') }
  set written(value) { this.#kind = value }
  #deep() { return this.#kind + '!' }
  [secret]() { return 'never' }
  ['with space']() { return 'spaced' }
  0() { return 'zero' }
  static count() { return Piece.#count }
  arrow = () => 'an arrow';
  self() { return this }
  async *steps() { yield 1; yield 2 }
  iterate() { return [1, 2][Symbol.iterator]() }
  promoted(kind) { return new (class Queen extends Piece { get crown() { return 'crown of ' + super.kind } moves2() { return super.moves.up + 1 } })(kind) }
}
Piece.prototype.data = { on: 'the prototype' };
Object.defineProperty(Piece.prototype, 'hidden', { value: () => 'not enumerable', enumerable: false });

class Seat extends RpcTarget {
  #board; #color;
  constructor(board, color) { super(); this.#board = board; this.#color = color }
  get color() { return this.#color }
  move(from, to) { return this.#board.play(this.#color, from, to) }
  get opponent() { return new Seat(this.#board, this.#color === 'white' ? 'black' : 'white') }
  resign(reason = 'tired') { throw Object.assign(new Error('resigned: ' + reason), { color: this.#color }) }
  [Symbol.dispose]() { this.#board.log.push(this.#color + ' left') }
}
class Board extends RpcTarget {
  log = []; #moves = []; #turn = 'white'; #watchers = new Set();
  static #open = 0;
  constructor(name) { super(); this.name2 = name; Board.#open++ }
  static get open() { return Board.#open }
  seat(color) { if (color === 'red') throw new TypeError('no such color', { cause: { color } }); return new Seat(this, color) }
  get seats() { return { white: new Seat(this, 'white'), black: new Seat(this, 'black'), count: 2 } }
  play(color, from, to) {
    if (color !== this.#turn) throw new Error('not your turn, ' + color);
    this.#turn = color === 'white' ? 'black' : 'white';
    this.#moves.push([color, from, to].join(' '));
    return this.#tell({ n: this.#moves.length, color, from, to });
  }
  async #tell(event) { const told = []; for (const watcher of this.#watchers) { try { told.push(await watcher(event, () => this.#moves.length)) } catch (error) { told.push(inspect(error)) } } return { ...event, told } }
  watch(f) { const kept = f.dup(); this.#watchers.add(kept); return () => { this.#watchers.delete(kept); kept[Symbol.dispose](); return this.#watchers.size } }
  history() { return new Map(this.#moves.map((m, i) => [i + 1, m])) }
  takeLog() { return this.log.splice(0) }
  [Symbol.dispose]() { Board.#open-- }
}

export class Club extends DurableObject {
  #boards = new Map();
  board(name) { if (!this.#boards.has(name)) this.#boards.set(name, new Board(name)); return this.#boards.get(name) }
  piece(kind) { return new Piece(kind) }
  get lobby() { return { open: () => [...this.#boards.keys()], count: this.#boards.size, enter: (name) => ({ board: this.board(name), greet: (who) => 'hello ' + who + ' at ' + name }) } }
  counts() { return [Piece.count(), Board.open] }
  match(white, black) { return this.#introduce(white, black) }
  async #introduce(white, black) {
    const board = new Board('match');
    const [w, b] = [await white.sit(board.seat('white')), await black.sit(board.seat('black'))];
    const first = await white.act('e2', 'e4'), second = await black.act('e7', 'e5');
    const wrong = await black.act('d7', 'd5').catch(inspect);
    await white.stand(); await black.stand();
    return { w, b, first, second, wrong, log: board.takeLog() };
  }
}

export class Player extends DurableObject {
  #seat;
  async sit(seat) { this.#seat = seat.dup(); return this.ctx.id.name + ' is ' + (await seat.color) + ' against ' + (await seat.opponent.color) }
  act(...move) { return this.#seat.move(...move) }
  stand() { this.#seat[Symbol.dispose](); this.#seat = undefined }
}

export class Arbiter extends WorkerEntrypoint {
  async judge(board) { using white = await board.seat('white'); return [await white.color, await board.history()] }
}

export default worker(async ({ say, env, ctx }) => {
  const club = env.CLUB.getByName('club');
  const piece = await club.piece('pawn');
  for (const name of ['kind', 'moves', 'broken', 'written', 'own', 'arrow', 'data', 'hidden', 'with space', '0', 'nothing', 'constructor', 'then', 'dup', 'promoted', 'toString', 'hasOwnProperty', '__proto__'])
    await say('piece.' + name, async () => { const got = await piece[name]; return typeof got === 'function' ? tag(got) : got });
  for (const name of ['arrow', 'hidden', 'with space', '0', 'kind', 'broken', 'steps', 'iterate', 'toString', 'valueOf', 'isPrototypeOf'])
    await say('piece.' + name + '()', () => piece[name]());
  await say('nested', async () => [await piece.moves.nested.deep, await piece.moves.list[1], await piece.moves.list.length, await piece.moves.nothing]);
  await say('nested too far', () => piece.moves.nothing.more);
  await say('self', async () => { using self = await piece.self(); return [await self.kind, self === piece, await self.self().self().kind] });
  await say('promoted', async () => { using queen = await piece.promoted('queen'); return [await queen.kind, await queen.crown, await queen.moves2(), await queen.hidden()] });
  say.now('symbol', () => typeof piece[secret] + typeof piece[Symbol.iterator] + typeof piece[Symbol.toPrimitive] + typeof piece[Symbol.asyncDispose]);
  say.now('keys', () => [Object.keys(piece), Reflect.ownKeys(piece).length, 'kind' in piece, piece instanceof RpcStub, piece instanceof RpcTarget, tag(piece), typeof piece]);
  say.now('written to', () => { piece.written = 'rook'; return typeof piece.written });
  await say('in a set', () => new Set([piece, piece, piece.dup()]).size);
  await say('spread', () => Object.keys({ ...piece }));
  piece[Symbol.dispose]();
  await say('after disposal', () => piece.kind);
  say.now('disposed twice', () => piece[Symbol.dispose]());

  const board = await club.board('one');
  const heard = [];
  const stop = await board.watch((event, count) => { heard.push(event.n + event.color); return count().then((n) => 'counted ' + n) });
  await say('pipelined move', () => board.seat('white').move('e2', 'e4'));
  await say('out of turn', () => board.seat('white').move('d2', 'd4'));
  await say('red', () => board.seat('red').move('x', 'y'));
  await say('opponent', () => board.seat('white').opponent.opponent.opponent.move('e7', 'e5'));
  await say('seats', async () => { using seats = await board.seats; const { white, black, count } = seats; return [count, await white.color, await black.opponent.color] });
  await say('seat by property', () => board.seats.white.move('g1', 'f3'));
  await say('count by property', () => board.seats.count);
  await say('resign', () => board.seat('black').resign());
  await say('resign with', () => board.seat('black').resign(undefined));
  await say('history', () => board.history());
  await say('stop', () => stop());
  await say('stop again', () => stop());
  await say('unwatched', () => board.seat('black').move('b8', 'c6'));
  await say('heard', () => heard);
  await scheduler.wait(20);
  await say('log', () => board.takeLog());
  await say('a method on its own', async () => { const seat = board.seat; using s = await seat('white'); return s.color });
  await say('a method called with another this', async () => { using s = await board.seat.call({ other: 1 }, 'black'); return s.color });
  await say('a method with apply', async () => { using s = await board.seat.apply(null, ['black']); return s.color });
  await say('a method bound', async () => { const seat = board.seat.bind(null, 'white'); return typeof seat });

  await say('lobby', async () => { using lobby = await club.lobby; return [Object.keys(lobby), await lobby.open(), lobby.count] });
  await say('lobby pipelined', () => club.lobby.enter('two').greet('ann'));
  await say('lobby deeper', () => club.lobby.enter('three').board.seat('black').opponent.color);
  await say('lobby open', () => club.lobby.open());
  const [ann, bob] = ['ann', 'bob'].map((name) => env.PLAYER.getByName(name));
  await say('a match', () => club.match(ann, bob));
  await say('a stood up player', () => ann.act('a', 'b'));
  await say('a judge', () => ctx.exports.Arbiter.judge(board));
  await say('a judge of a pipelined board', () => ctx.exports.Arbiter.judge(club.board('two')));
  await say('a board as plain argument of itself', () => board.watch(board));
  await say('watch without', () => board.watch());
  await say('watch a number', () => board.watch(1));
  await say('a local target', () => showNow(() => { const p = new Piece('local'); return [p.kind, Object.keys(p), inspect(p)] }));
  await say('a local stub', async () => { using p = new RpcStub(new Piece('local')); return [await p.kind, await p.moves.nested.deep, await p.own] });
  await say('a stub of a stub', () => showNow(() => tag(new RpcStub(new RpcStub(() => 1)))));
  await say('a stub of data', () => [showNow(() => tag(new RpcStub({ a: 1 }))), showNow(() => tag(new RpcStub(1))), showNow(() => tag(new RpcStub())), showNow(() => tag(RpcStub(() => 1)))]);
  say.now('subclasses', () => [RpcStub.length, RpcStub.name, RpcTarget.length, showNow(() => tag(RpcTarget())), showNow(() => tag(new RpcTarget())), tag(new (class extends RpcTarget {})())]);
  await say('counts', async () => (await club.counts()).map((n) => n > 0));
});
`,
});
