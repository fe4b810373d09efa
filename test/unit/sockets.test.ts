import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { NO_DELAY } from '../../src/base/delay-line.ts';
import { seal } from '../../src/base/sealed.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type { ConnectionId, EndpointId, Epoch, MachineId, ObjectAddress } from '../../src/protocol/names.ts';
import type { SocketDeed, SocketEvent, SocketMessage } from '../../src/protocol/sockets.ts';
import {
  type ConnectionEnd,
  type ConnectionHandlers,
  connectedPair,
  LateEnd,
  sizeOfData,
} from '../../src/sockets/connection.ts';
import { Hibernation } from '../../src/sockets/hibernation.ts';
import { HinderedEnd } from '../../src/sockets/hindered-end.ts';
import { Keeper } from '../../src/sockets/keeper.ts';
import { Socket } from '../../src/sockets/socket.ts';
import type { SocketContext, SocketNotice } from '../../src/sockets/socket-context.ts';
import { SocketLink } from '../../src/sockets/socket-link.ts';
import { SocketLinks } from '../../src/sockets/socket-links.ts';
import { memoryLinkPair } from '../support/memory-link.ts';

/** Writes down what an end hears. */
function hear(end: ConnectionEnd, heard: string[] = []): string[] {
  const handlers: ConnectionHandlers = {
    onMessage: (data) => heard.push(typeof data === 'string' ? data : `bytes ${data.join()}`),
    onClose: (code, reason) => heard.push(`close ${code} ${reason}`),
    onLost: (reason, error) => heard.push(`lost ${reason}${error ?? ''}`),
  };
  end.start(handlers);
  return heard;
}

/** A dialler and a holder, whose messages pass at once, and are written down. */
function linked() {
  const sent: SocketMessage[] = [];
  const taken: ConnectionEnd[] = [];
  let quiet = 0;
  const holder: SocketLink = new SocketLink({
    send: (message) => dialler.receive(message),
    onOpen: (connection, end) => {
      if (connection !== 'known') return false;
      taken.push(end);
      return true;
    },
  });
  const dialler: SocketLink = new SocketLink({
    send: (message) => {
      sent.push(message);
      expect(holder.receive(message)).toBe(true);
    },
    onQuiet: () => quiet++,
  });
  return { dialler, holder, sent, taken, quiet: () => quiet };
}

const KNOWN = 'known' as ConnectionId;

describe('a link of sockets', () => {
  test('messages and closes pass in order, and both ends forget a socket that both have closed', () => {
    const { dialler, holder, taken, quiet } = linked();
    const mine = dialler.dial(KNOWN);
    const heard = hear(mine);
    const theirs = hear(taken[0] as ConnectionEnd);
    mine.send('a');
    mine.send(new Uint8Array([1, 2]));
    taken[0]?.send('b');
    mine.close(1000, 'x');
    mine.send('too late');
    expect([dialler.count, holder.count]).toEqual([1, 1]);
    taken[0]?.close(undefined, '');
    expect(theirs).toEqual(['a', 'bytes 1,2', 'close 1000 x']);
    expect(heard).toEqual(['b', 'close undefined ']);
    expect([dialler.count, holder.count, quiet()]).toEqual([0, 0, 1]);
  });

  test('what came early is delivered when the end is started', () => {
    const { dialler, taken } = linked();
    const mine = dialler.dial(KNOWN);
    mine.send('early');
    mine.close(3000, 'gone');
    expect(hear(taken[0] as ConnectionEnd)).toEqual(['early', 'close 3000 gone']);
  });

  test('a socket that nobody holds breaks off at once', () => {
    const { dialler, holder } = linked();
    expect(hear(dialler.dial('unknown' as ConnectionId))).toEqual(['lost ']);
    expect([dialler.count, holder.count]).toEqual([0, 0]);
  });

  test('no more than a window and a message leave before the program takes them', () => {
    const { dialler, sent, taken } = linked();
    const mine = dialler.dial(KNOWN);
    const theirs = taken[0] as ConnectionEnd;
    hear(mine);
    hear(theirs);
    const half = 'x'.repeat(STREAM_WINDOW_BYTES / 2);
    for (let i = 0; i < 5; i++) mine.send(half);
    mine.close(1000, '');
    expect([sent.length, mine.bufferedBytes]).toEqual([3, 3 * half.length]);
    theirs.taken(half.length);
    expect(sent.length).toBe(4);
    theirs.taken(half.length);
    theirs.taken(half.length);
    theirs.taken(half.length);
    expect([sent.length, mine.bufferedBytes]).toEqual([7, 0]);
    expect(sent.at(-1)).toEqual({ s: 'close', id: 1, code: 1000, reason: '' });
  });

  test('when the link ends every socket on it breaks off, and one that is taken up afterwards too', () => {
    const { dialler, holder, taken } = linked();
    const heard = hear(dialler.dial(KNOWN));
    const theirs = hear(taken[0] as ConnectionEnd);
    dialler.ended();
    holder.ended();
    expect([heard, theirs, dialler.count, holder.count]).toEqual([['lost '], ['lost '], 0, 0]);
    expect(hear(dialler.dial(KNOWN))).toEqual(['lost ']);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['another language', { m: 'call', id: 1 }],
    ['no number', { s: 'message', id: 0, data: 'x' }],
    ['a fraction', { s: 'message', id: 1.5, data: 'x' }],
    ['no data', { s: 'message', id: 1, data: 5 }],
    ['a cause that is none', { s: 'message', id: 1, data: 'x', cause: { actor: 1 } }],
    ['a code that is never sent', { s: 'close', id: 1, code: 1006, reason: '' }],
    ['no reason', { s: 'close', id: 1 }],
    ['a socket that was never opened', { s: 'message', id: 7, data: 'x' }],
    ['a number out of order', { s: 'open', id: 3, connection: 'known' }],
    ['credit for what was not sent', { s: 'credit', id: 1, bytes: 1 }],
    ['negative credit', { s: 'credit', id: 1, bytes: -1 }],
    ['an error that is no text', { s: 'lost', id: 1, reason: '', error: 5 }],
  ])('refuses %s', (_, message) => {
    const link = new SocketLink({ send: () => {}, onOpen: () => true });
    expect(link.receive({ s: 'open', id: 1, connection: 'known' })).toBe(true);
    expect(link.receive(message)).toBe(false);
  });

  test('refuses what comes after a close, and more than its window', () => {
    const link = new SocketLink({ send: () => {}, onOpen: () => true });
    link.receive({ s: 'open', id: 1, connection: 'known' });
    link.receive({ s: 'close', id: 1, reason: '' });
    expect(link.receive({ s: 'message', id: 1, data: 'x' })).toBe(false);
    link.receive({ s: 'open', id: 2, connection: 'known' });
    expect(link.receive({ s: 'message', id: 2, data: 'x'.repeat(STREAM_WINDOW_BYTES) })).toBe(true);
    expect(link.receive({ s: 'message', id: 2, data: 'x' })).toBe(false);
  });

  test('a link where nobody holds anything refuses every opening', () => {
    expect(new SocketLink({ send: () => {} }).receive({ s: 'open', id: 1, connection: 'known' })).toBe(false);
  });
});

describe('links by their holder', () => {
  const reference = (connection: ConnectionId) => ({
    machine: 'm' as MachineId,
    endpoint: 'e' as EndpointId,
    epoch: 1 as Epoch,
    connection,
  });

  test('sockets to one holder share a link, which goes away with the last; a peer that breaks the rules loses its link alone', async () => {
    let names = 0;
    let opened = 0;
    const timers: (() => void)[] = [];
    const after = (_: number, late: () => void) => {
      timers.push(late);
      return { cancel: () => {} };
    };
    const held = new SocketLinks({
      connect: () => Promise.reject(new Error('nobody')),
      newConnection: () => `c${++names}` as ConnectionId,
      after,
    });
    const links: ReturnType<typeof memoryLinkPair>[] = [];
    const taking = new SocketLinks({
      connect: async () => {
        opened++;
        const link = memoryLinkPair();
        links.push(link);
        const beside = held.beside(link[1]);
        link[1].start({ onMessage: (body) => beside.receive(body) || link[1].break(), onEnd: () => beside.ended() });
        return seal(link[0]);
      },
      newConnection: () => 'never' as ConnectionId,
      after,
    });
    const pairs = [connectedPair(), connectedPair()];
    const theirs = pairs.map(([own, given]) => ({ own, heard: hear(own), name: held.hold(given) }));
    const mine = theirs.map(({ name }) => taking.open(reference(name)));
    const heard = mine.map((end) => hear(end));
    mine[0]?.send('one');
    mine[1]?.send('two');
    await settled();
    theirs[0]?.own.send('three');
    await settled();
    expect([opened, theirs.map((one) => one.heard), heard]).toEqual([1, [['one'], ['two']], [['three'], []]]);
    for (const end of mine) end.close(1000, '');
    for (const { own } of theirs) own.close(1000, '');
    await settled();
    expect(links[0]?.[0].isOpen).toBe(false);
    const again = hear(taking.open(reference(theirs[0]?.name as ConnectionId)));
    await settled();
    expect([opened, again]).toEqual([2, ['lost ']]);
  });

  test('ends of an object that runs elsewhere now break off at both sides, and no others', async () => {
    let names = 0;
    const after = () => ({ cancel: () => {} });
    const newConnection = () => `c${++names}` as ConnectionId;
    const held = new SocketLinks({ connect: () => Promise.reject(new Error('nobody')), newConnection, after });
    const taking = new SocketLinks({
      connect: async () => {
        const link = memoryLinkPair();
        const beside = held.beside(link[1]);
        link[1].start({ onMessage: (body) => beside.receive(body) || link[1].break(), onEnd: () => beside.ended() });
        return seal(link[0]);
      },
      newConnection,
      after,
    });
    const [a, b] = ['k/a' as ObjectAddress, 'k/b' as ObjectAddress];
    const pairs = [a, b].map((object) => {
      const [own, given] = connectedPair();
      const theirs = hear(own);
      return { own, theirs, mine: hear(taking.open({ ...reference(held.hold(given)), object })) };
    });
    await settled();
    taking.moved(a, 'm' as MachineId); // it is still there
    await settled();
    expect(pairs.map(({ mine }) => mine)).toEqual([[], []]);
    taking.moved(a, 'another' as MachineId);
    await settled();
    pairs[1]?.own.send('still here');
    await settled();
    expect(pairs.map(({ mine, theirs }) => [mine, theirs])).toEqual([
      [['lost '], ['lost ']],
      [['still here'], []],
    ]);
  });

  test('of two that are opened at once, one that is given up at once does not take the other along', async () => {
    const names: ConnectionId[] = ['c1' as ConnectionId, 'c2' as ConnectionId];
    const after = () => ({ cancel: () => {} });
    const nobody = () => Promise.reject(new Error('nobody'));
    const held = new SocketLinks({ connect: nobody, newConnection: () => names.shift() as ConnectionId, after });
    const taking = new SocketLinks({
      connect: async () => {
        const link = memoryLinkPair();
        const beside = held.beside(link[1]);
        link[1].start({ onMessage: (body) => beside.receive(body) || link[1].break(), onEnd: () => beside.ended() });
        return seal(link[0]);
      },
      newConnection: () => 'never' as ConnectionId,
      after,
    });
    const [[one, oneGiven], [two, twoGiven]] = [connectedPair(), connectedPair()];
    const theirs = [hear(one), hear(two)];
    const [first, second] = [held.hold(oneGiven), held.hold(twoGiven)].map((name) => taking.open(reference(name)));
    first?.abort('');
    const mine = hear(second as ConnectionEnd);
    second?.send('hello');
    await settled();
    two.send('welcome');
    await settled();
    expect([theirs, mine]).toEqual([[['lost '], ['hello']], ['welcome']]);
  });

  test('what nobody takes up in time breaks off', () => {
    let late = () => {};
    const links = new SocketLinks({
      connect: () => Promise.reject(new Error('nobody')),
      newConnection: () => KNOWN,
      after: (_, fire) => {
        late = fire;
        return { cancel: () => {} };
      },
    });
    const [own, given] = connectedPair();
    const heard = hear(own);
    links.hold(given);
    late();
    expect(heard).toEqual(['lost ']);
  });

  test('a holder that cannot be reached is a lost connection', async () => {
    const links = new SocketLinks({
      connect: () => Promise.reject(new Error('gone')),
      newConnection: () => KNOWN,
      after: () => ({ cancel: () => {} }),
    });
    const end = links.open(reference(KNOWN));
    end.send('x');
    const heard = hear(end);
    await settled();
    expect(heard).toEqual(['lost ']);
  });
});

test('an end that is used before it is known forgets nothing', () => {
  const late = new LateEnd();
  late.send('a');
  late.close(1000, 'b');
  const heard = hear(late);
  const [one, other] = connectedPair();
  other.send('c');
  late.join(one);
  expect([hear(other), heard]).toEqual([['a', 'close 1000 b'], ['c']]);
});

test('sizes are those of UTF-8', () => {
  for (const text of ['', 'a', 'é', '€', '😀', 'a😀é']) {
    expect(sizeOfData(text)).toBe(new TextEncoder().encode(text).length);
  }
});

describe('hibernatable sockets', () => {
  function keeper() {
    let nowMs = 5;
    const answered: string[] = [];
    let late = () => {};
    let news = 0;
    const made = new Keeper({
      now: () => nowMs++,
      afterClaimTime: (fire) => {
        late = fire;
      },
      onEvent: () => news++,
      onAnswered: (connection, atMs) => answered.push(`${connection} ${atMs}`),
    });
    const accept = (name: string) => {
      const connection = name as ConnectionId;
      made.obey({ o: 'accept', kept: { connection, tags: [], attachment: undefined, answeredMs: undefined } });
      const [client, end] = connectedPair();
      return { client, heard: hear(client), open: () => made.open(connection, end) };
    };
    const shown = () => made.take().map(shownEvent);
    return { made, accept, answered, shown, late: () => late(), news: () => news };
  }
  const shownEvent = (event: SocketEvent) =>
    event.e === 'message'
      ? `${event.connection} ${event.data}`
      : `${event.connection} ${event.e} ${'code' in event ? event.code : ''}`;

  test('an instance that says it has what was broken off meanwhile has nothing of what came later', () => {
    const { made, accept, shown } = keeper();
    const old = accept('a');
    old.open();
    old.client.send('1');
    old.client.send('2');
    expect(shown()).toEqual(['a 1', 'a 2']);
    made.breakAll('');
    const next = accept('b');
    next.open();
    for (const text of ['3', '4', '5']) next.client.send(text);
    expect(shown()).toEqual(['b 3', 'b 4', 'b 5']);
    for (const name of ['a', 'a', 'b']) made.obey({ o: 'taken', connection: name as ConnectionId }); // the two of before, and one
    made.slept();
    expect(shown(), 'for the next instance').toEqual(['b 4', 'b 5']);
    for (let i = 0; i < 3; i++) made.obey({ o: 'taken', connection: 'b' as ConnectionId }); // one more than it was given
    next.client.send('6');
    next.client.send('7');
    expect(shown()).toEqual(['b 6', 'b 7']);
  });

  test('what the object says before the other end is taken up waits; it is taken up once', () => {
    const { made, accept } = keeper();
    const { heard, open } = accept('a');
    made.obey({ o: 'send', connection: 'a' as ConnectionId, data: 'early' });
    expect(heard).toEqual([]);
    expect([open(), open(), made.open(KNOWN, connectedPair()[0])]).toEqual([true, false, false]);
    expect(heard).toEqual(['early']);
  });

  test('the automatic answer is for the very text, wakes nobody, and its time is kept', () => {
    const { made, accept, answered, shown, news } = keeper();
    const { client, heard, open } = accept('a');
    open();
    made.obey({ o: 'auto', pair: { request: 'ping', response: 'pong' } });
    client.send('ping');
    expect([heard, shown(), news(), answered, made.kept.connections[0]?.answeredMs]).toEqual([
      ['pong'],
      [],
      0,
      ['a 5'],
      5,
    ]);
    client.send('ping ');
    client.send(new Uint8Array([112, 105, 110, 103]));
    expect([shown(), news()]).toEqual([['a ping ', 'a 112,105,110,103'], 2]);
  });

  test('what an instance was given and did not take is for the next one', () => {
    const { made, accept, shown } = keeper();
    const { client, open } = accept('a');
    open();
    client.send('1');
    client.send('2');
    expect(shown()).toEqual(['a 1', 'a 2']);
    made.obey({ o: 'taken', connection: 'a' as ConnectionId });
    expect([made.hasNews, shown()]).toEqual([false, []]);
    made.slept();
    expect(shown()).toEqual(['a 2']);
  });

  test('one that is over is not found by the next instance, and what it still sends is dropped with this one', () => {
    const { made, accept, shown } = keeper();
    const { client, heard, open } = accept('a');
    open();
    client.close(1000, 'x');
    expect(shown()).toEqual(['a close 1000']);
    made.obey({ o: 'over', connection: 'a' as ConnectionId });
    made.obey({ o: 'send', connection: 'a' as ConnectionId, data: 'late' });
    expect([made.isEmpty, heard]).toEqual([true, ['late']]);
    made.slept();
    expect(heard).toEqual(['late', 'lost ']);
  });

  test('one that is over leaves every table, however long its instance stays', () => {
    const { made, accept, shown } = keeper();
    const NONE = { kept: 0, unclaimed: 0, parting: 0, waiting: 0 };
    const over = (name: string) => {
      shown();
      made.obey({ o: 'taken', connection: name as ConnectionId });
      made.obey({ o: 'over', connection: name as ConnectionId });
    };
    const answered = accept('a');
    expect(made.counts).toEqual({ ...NONE, unclaimed: 1 });
    answered.open();
    expect(made.counts).toEqual({ ...NONE, kept: 1 });
    answered.client.close(1000, '');
    expect(made.counts).toEqual({ ...NONE, kept: 1, waiting: 1 });
    over('a');
    expect(made.counts).toEqual({ ...NONE, parting: 1 });
    made.obey({ o: 'close', connection: 'a' as ConnectionId, code: 1000, reason: '' });
    expect(made.counts).toEqual(NONE);
    // Its program never closes it, and then the client loses its patience.
    const left = accept('b');
    left.open();
    left.client.close(1000, '');
    over('b');
    left.client.abort('');
    expect(made.counts).toEqual(NONE);
    const closedFirst = accept('c');
    closedFirst.open();
    made.obey({ o: 'close', connection: 'c' as ConnectionId, code: 1000, reason: '' });
    closedFirst.client.close(1000, '');
    over('c');
    expect(made.counts).toEqual(NONE);
  });

  test('a client that is gone, or never came, closes with 1006; a reset breaks every socket off', () => {
    const { made, accept, shown, late } = keeper();
    const { client, open } = accept('a');
    open();
    client.abort('');
    expect(shown()).toEqual(['a close 1006']);
    accept('b');
    late();
    expect(shown()).toEqual(['b close 1006']);
    const { heard, open: openThird } = accept('c');
    openThird();
    made.breakAll('because');
    expect([heard, made.isEmpty, made.hasNews, shown()]).toEqual([['lost because'], true, false, []]);
  });

  test('an instance finds what the one before left, and says every change', () => {
    const said: SocketDeed[] = [];
    const context = openContext();
    let names = 0;
    const make = () =>
      new Hibernation({
        say: (deed) => said.push(deed),
        newConnection: () => `c${++names}` as ConnectionId,
        referenceTo: (connection) => ({
          machine: 'm' as MachineId,
          endpoint: 'h' as EndpointId,
          epoch: 0 as Epoch,
          connection,
        }),
        wake: (connection, attachment) => {
          const socket = Socket.woken(context, connection);
          socket.attachment = attachment;
          return socket;
        },
      });
    const first = make();
    context.port = () => first.port;
    const [left] = Socket.pair(context);
    left.attach(new Uint8Array([1]));
    first.accept(left, ['a', 'b', 'a']);
    left.attach(new Uint8Array([2]));
    left.send('x');
    first.autoResponse = { request: 'p', response: 'q' };
    first.eventTimeoutMs = 7;
    expect(said.map(({ o }) => o)).toEqual(['accept', 'attach', 'send', 'auto', 'timeout']);
    const keep = new Keeper({ now: () => 0, afterClaimTime: () => {}, onEvent: () => {}, onAnswered: () => {} });
    for (const deed of said) keep.obey(deed);
    const second = make();
    context.port = () => second.port;
    second.restore(keep.kept);
    const [woken] = second.sockets();
    expect([woken?.attachment, woken && second.tags(woken), woken?.readyState]).toEqual([
      new Uint8Array([2]),
      ['a', 'b'],
      1,
    ]);
    expect([second.autoResponse, second.eventTimeoutMs, second.sockets('b').length, second.sockets('x')]).toEqual([
      { request: 'p', response: 'q' },
      7,
      1,
      [],
    ]);
  });
});

describe('a socket', () => {
  test('counts as what keeps its object awake from its accepting until it is over', () => {
    const context = openContext();
    const [one, other] = Socket.pair(context);
    one.accept({ allowHalfOpen: false });
    other.accept({ allowHalfOpen: false });
    expect(context.count).toBe(2);
    one.close(1000, '');
    expect([context.count, one.readyState, other.readyState]).toEqual([0, 3, 3]);
  });

  test('that its program uses itself cannot be given away, and the text says how it is used', () => {
    const context = openContext();
    const hold = () => expect.unreachable('nothing is held');
    const accepted = Socket.pair(context)[0];
    accepted.accept({ allowHalfOpen: false });
    const hibernatable = Socket.woken(context, KNOWN);
    for (const [socket, how] of [
      [accepted, 'accept()'],
      [Socket.constructed(context, 'ws://x/'), 'accept()'],
      [hibernatable, 'acceptWebSocket()'],
    ] as const) {
      expect(() => socket.release(hold)).toThrow(
        new TypeError(`Can't return WebSocket in a Response after calling ${how}.`),
      );
    }
  });

  test('a listener that throws ends the connection and is told', () => {
    const context = openContext();
    const [one, other] = Socket.pair(context);
    const heard: string[] = [];
    other.notify = (notice) => {
      heard.push(notice.n);
      return notice.n === 'message' ? { error: new Error('x') } : undefined;
    };
    const told: SocketNotice[] = [];
    one.notify = (notice) => void told.push(notice);
    one.accept({ allowHalfOpen: false });
    other.accept({ allowHalfOpen: false });
    one.send('a');
    one.send('b');
    expect(heard).toEqual(['message', 'error']);
    expect(told).toEqual([{ n: 'close', code: 1006, reason: expect.any(String), wasClean: false }]);
    expect(context.count).toBe(0);
  });
});

function openContext() {
  const context = {
    count: 0,
    port: (): ReturnType<SocketContext['kept']> => {
      throw new Error('nothing hibernates');
    },
    leave: (post: () => void) => post(),
    capture: () => (deliver: () => void) => deliver(),
    open: () => connectedPair()[0],
    kept: () => context.port(),
    autoReply: true,
    onAccepted: (count: 1 | -1) => {
      context.count += count;
    },
  };
  return context;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

test('an end that faults hold back gives everything in order once they are over, and a cut is heard at both sides', () => {
  const [end, far] = connectedPair();
  const hindered = new HinderedEnd({ end, clock: new ManualClock() });
  const [mine, theirs] = [hear(hindered), hear(far)];
  const unit = () => 0;
  const stalled = { ...NO_DELAY, isStalled: true };
  hindered.send('a');
  hindered.hinder({ unit, out: stalled, in: stalled });
  hindered.send('b');
  hindered.close(1000, 'c');
  far.send('d');
  expect([mine, theirs]).toEqual([[], ['a']]);
  hindered.hinder({ unit, out: NO_DELAY, in: stalled });
  expect([mine, theirs]).toEqual([[], ['a', 'b', 'close 1000 c']]);
  hindered.cut();
  far.send('never');
  expect([mine, theirs]).toEqual([['lost '], ['a', 'b', 'close 1000 c', 'lost ']]);
});
