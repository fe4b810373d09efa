/** Wires and links on the real carriers, and how links come to be. */
import { afterEach, describe, expect, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { systemClock } from '../../src/base/clock.ts';
import { isSimulatorError, type SimulatorError } from '../../src/base/errors.ts';
import { randomName, systemRandom } from '../../src/base/random.ts';
import { unseal } from '../../src/base/sealed.ts';
import { type Link, type LinkSetting, portLink } from '../../src/network/link.ts';
import { dial, type OpenRequest, Rendezvous } from '../../src/network/rendezvous.ts';
import { channelWire, portWire, postOnce, type Wire } from '../../src/network/wire.ts';
import {
  asAccount,
  channelNames,
  type EndpointId,
  type Epoch,
  type LinkId,
  type MachineId,
  PROTOCOL_VERSION,
} from '../../src/protocol/names.ts';
import { decodeError, type LinkPair, linkContract, listen } from '../contracts/link.ts';
import { PROBE, type WirePair, wireContract } from '../contracts/wire.ts';
import { Inbox } from '../support/inbox.ts';

const clock = systemClock();
const random = systemRandom();
const account = asAccount('test');
const epoch = 5 as Epoch;
const machine = 'here' as MachineId;
const endpoint = (): EndpointId => randomName(random) as EndpointId;

wireContract('a MessagePort', async () => {
  const { port1, port2 } = new MessageChannel();
  return { a: portWire(port1), b: portWire(port2) };
});

wireContract('a BroadcastChannel', async (): Promise<WirePair> => {
  // What a wire posts travels behind its own registration: who hears it knows that the wire is there.
  const name = `wire-test-${randomName(random)}`;
  const heard = new Inbox<unknown>();
  const listener = channelWire<unknown>(name);
  listener.start({ onMessage: heard.put, onLost: () => {} });
  const ready = async (count: number): Promise<Wire<unknown>> => {
    const wire = channelWire<unknown>(name);
    while (heard.all.length < count) {
      wire.post(PROBE);
      await Promise.race([heard.reach(count), new Promise((resolve) => clock.after(20, () => resolve(undefined)))]);
    }
    return wire;
  };
  const a = await ready(1);
  const heardByThen = heard.all.length;
  const b = await ready(heardByThen + 1);
  listener.close();
  return { a, b };
});

linkContract('a MessagePort', async (): Promise<LinkPair> => {
  const { port1, port2 } = new MessageChannel();
  const faults: SimulatorError[] = [];
  const setting = { account, clock, decodeError, onFault: (fault: SimulatorError) => faults.push(fault), epoch };
  const id = randomName(random) as LinkId;
  return {
    dialled: portLink({ ...setting, port: port1, id, end: 0 }),
    answered: portLink({ ...setting, port: port2, id, end: 1 }),
    inject: (message) => port1.postMessage(message),
    faults,
  };
});

const houses: Rendezvous[] = [];
afterEach(() => {
  for (const house of houses.splice(0)) house.close();
});

function makeHouse(accept: (request: OpenRequest) => boolean = () => true) {
  const faults: SimulatorError[] = [];
  const setting: LinkSetting = { account, clock, decodeError, onFault: (fault) => faults.push(fault) };
  const met = new Inbox<{ link: Link; from: EndpointId }>();
  const own = endpoint();
  const house = new Rendezvous({ ...setting, endpoint: own, accept, onLink: (link, from) => met.put({ link, from }) });
  houses.push(house);
  const from = endpoint();
  const call = async (options: { timeoutMs?: number; linkId?: LinkId; gone?: Promise<unknown> } = {}) =>
    unseal(await dial({ ...setting, machine, from, to: own, epoch, random, timeoutMs: 20_000, ...options }));
  return { house, own, from, met, faults, setting, call };
}

linkContract('a BroadcastChannel', async (): Promise<LinkPair> => {
  const { met, faults, call } = makeHouse();
  const dialled = await call();
  const [answered] = await met.reach(1);
  const name = channelNames.link(account, dialled.id);
  return {
    dialled,
    answered: must(answered, 'the answered link').link,
    faults,
    inject: (message) => postOnce(name, message),
  };
});

describe('opening links by rendezvous', () => {
  test('says who dialled, under which epoch, and both ends can speak at once', async () => {
    const { met, from, call } = makeHouse();
    const dialled = await call();
    const left = listen(dialled);
    dialled.send('first');
    const { link, from: heard } = must((await met.reach(1))[0], 'a link');
    const right = listen(link);
    link.send('welcome');
    expect([heard, link.epoch, link.id]).toEqual([from, epoch, dialled.id]);
    expect(await right.messages.reach(1)).toEqual([{ body: 'first', number: 1 }]);
    expect(await left.messages.reach(1)).toEqual([{ body: 'welcome', number: 1 }]);
    dialled.goaway();
  });

  test('a link whose peer is known to be dead hears first what it said, however it ended', async () => {
    const { met, call } = makeHouse();
    for (const [i, how] of (['goaway', 'lost'] as const).entries()) {
      const dialled = await call();
      const left = listen(dialled);
      dialled.send('first');
      const { link } = must((await met.reach(i + 1))[i], 'a link');
      listen(link);
      for (let words = 0; words < 100; words++) link.send(words);
      await new Promise<void>((sent) => clock.after(0, sent)); // they leave within a few microtasks
      if (how === 'goaway') link.goaway();
      dialled.loseAfterAll();
      const [ending] = await left.endings.reach(1);
      expect(ending?.state).toBe(how);
      expect(left.bodies).toEqual(Array.from({ length: 100 }, (_, words) => words));
    }
  });

  test('1,000 links opened as fast as can be: none is lost, and no message on them', async () => {
    const house = makeHouse();
    const echoes = new Inbox<unknown>();
    const open = async (i: number) => {
      const link = await house.call();
      link.start({ onMessage: echoes.put, onEnd: () => {} });
      link.send(i);
      return link;
    };
    const links: Link[] = [];
    let answered = 0;
    const answerAll = () => {
      for (const { link } of house.met.all.slice(answered)) {
        answered++;
        link.start({ onMessage: (body) => void link.send(body), onEnd: () => {} });
      }
    };
    for (let burst = 0; burst < 10; burst++) {
      const opening = Array.from({ length: 100 }, (_, i) => open(burst * 100 + i));
      links.push(...(await Promise.all(opening)));
      await house.met.reach((burst + 1) * 100);
      answerAll();
      await echoes.reach((burst + 1) * 100);
    }
    expect(house.met.all.length).toBe(1_000);
    expect([...echoes.all].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(house.faults).toEqual([]);
    for (const link of links) link.goaway();
  });

  test('a peer that was not listening yet is reached when it does', async () => {
    const { setting, from } = makeHouse();
    const late = endpoint();
    const dialling = dial({ ...setting, machine, from, to: late, epoch, random, timeoutMs: 20_000 });
    await navigator.locks.query();
    const met = new Inbox<Link>();
    houses.push(new Rendezvous({ ...setting, endpoint: late, accept: () => true, onLink: met.put }));
    const dialled = unseal(await dialling);
    const [link] = await met.reach(1);
    expect(link?.id).toBe(dialled.id);
    dialled.goaway();
  });

  test('nobody there: peer_gone in time', async () => {
    const { setting, from } = makeHouse();
    const dialling = dial({ ...setting, machine, from, to: endpoint(), epoch, random, timeoutMs: 50 });
    const error: unknown = await dialling.catch((reason: unknown) => reason);
    expect(isSimulatorError(error, 'peer_gone')).toBe(true);
  });

  test('a death notice ends the dialling at once', async () => {
    const { setting, from } = makeHouse();
    const gone = Promise.resolve();
    const dialling = dial({ ...setting, machine, from, to: endpoint(), epoch, random, timeoutMs: 1e9, gone });
    const error: unknown = await dialling.catch((reason: unknown) => reason);
    expect(isSimulatorError(error, 'peer_gone')).toBe(true);
  });

  test('a refused epoch rejects as link_broken, and the peer holds no link', async () => {
    const asked: OpenRequest[] = [];
    const { call, met } = makeHouse((request) => {
      asked.push(request);
      return false;
    });
    const error: unknown = await call().catch((reason: unknown) => reason);
    expect(isSimulatorError(error, 'link_broken')).toBe(true);
    expect([asked[0]?.epoch, met.all.length]).toEqual([epoch, 0]);
  });

  test('repeated, foreign and late requests open nothing', async () => {
    const { call, met, own, from } = makeHouse();
    const dialled = await call();
    const request = { v: PROTOCOL_VERSION, account, from, to: own, link: dialled.id, epoch };
    const channel = channelNames.rendezvous(account, own);
    const other = { ...request, link: randomName(random) };
    const noise = [
      request,
      { ...other, v: PROTOCOL_VERSION + 1 },
      { ...other, account: 'x' },
      { ...other, to: 'x' },
      { ...other, epoch: 'x' },
      'x',
    ];
    for (const one of noise) postOnce(channel, one);
    const next = await call();
    await met.reach(2);
    const ear = listen(must(met.all[0], 'first').link);
    dialled.goaway();
    await ear.endings.reach(1);
    postOnce(channel, request);
    const last = await call();
    await met.reach(3);
    expect(met.all.map(({ link }) => link.id)).toEqual([dialled.id, next.id, last.id]);
    for (const link of [next, last]) link.goaway();
  });
});
