/** What becomes of the links of an endpoint when one of the two ends is over. */
import { afterEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { seal, unseal } from '../../src/base/sealed.ts';
import { Connector, type Whereabouts } from '../../src/network/connector.ts';
import { SoleLeases } from '../../src/network/lease.ts';
import { portLink } from '../../src/network/link.ts';
import { LinkWeather } from '../../src/network/weather.ts';
import type { LinkEnd, LinkEnding } from '../../src/protocol/link.ts';
import {
  asAccount,
  type EndpointId,
  type Epoch,
  type LinkId,
  type MachineId,
  type ObjectAddress,
} from '../../src/protocol/names.ts';
import { decodeError, listen } from '../contracts/link.ts';
import { Inbox } from '../support/inbox.ts';

const account = asAccount('connector');
const epoch = 3 as Epoch;
const id = 'a link' as LinkId;
const peer = 'peer' as EndpointId;
const machine = 'here' as MachineId;
const OBJECT = 'an object' as ObjectAddress;

const open: Connector<string>[] = [];
const ports: MessagePort[] = [];
afterEach(() => {
  for (const connector of open.splice(0)) connector.close();
  for (const port of ports.splice(0)) port.close();
});

/** An endpoint whose host finds an object behind a port, and the other end of that. */
function endpoint() {
  const clock = new ManualClock();
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const setting = { account, clock, decodeError, onFault: () => {}, id, epoch };
  const met: LinkEnd[] = [];
  const connector = new Connector<string>({
    ...setting,
    endpoint: `endpoint ${open.length}` as EndpointId,
    machine,
    weather: new LinkWeather(clock),
    random: seededRandom(1),
    leases: new SoleLeases(),
    objectOf: () => OBJECT,
    ask: async () => seal<Whereabouts>({ endpoint: peer, epoch, machine, link: id, port: port1 }),
    accept: () => true,
    onLink: (link) => met.push(link),
  });
  open.push(connector);
  return {
    clock,
    connector,
    met,
    port: port1,
    other: () => portLink({ ...setting, port: port2, end: 1 }),
    dialling: () => portLink({ ...setting, port: port2, end: 0 }),
  };
}

test('a port that comes when the endpoint is closed goes away at once: whoever is at the other end asks elsewhere', async () => {
  const { connector, met, port, dialling } = endpoint();
  const caller = listen(dialling());
  connector.close();
  connector.accept({ link: id, from: peer, epoch, port });
  expect(await caller.endings.reach(1)).toEqual([{ state: 'goaway', lastDelivered: 0 }]);
  expect(met).toEqual([]);
});

test('a link to an object that moved is lost, one of the same epoch is not', async () => {
  const { clock, connector, other } = endpoint();
  other();
  const link = unseal(await connector.open('the object'));
  const heard = new Inbox<LinkEnding>();
  link.start({ onMessage: () => {}, onEnd: heard.put });
  connector.moved(OBJECT, epoch);
  await clock.advance(20_000);
  expect(heard.all).toEqual([]);
  connector.moved(OBJECT, (epoch + 1) as Epoch);
  await clock.advance(49);
  expect(heard.all).toEqual([]);
  await clock.advance(1);
  expect(heard.all).toEqual([{ state: 'lost' }]);
});
