/**
 * How two endpoints come to hold the two ends of a link of their own.
 *
 * Promise: a link that is handed out has both ends listening, so no packet on it is lost. A dialled link answers or
 * rejects in time. Whoever answers hears of a link only once its dialler is there.
 *
 *     dialler                               answerer
 *     opens the link's channel
 *     open    --- rendezvous channel --->   knows it already: answers again
 *             <------ link channel ------   ready | refused
 *     ack     ------- link channel ----->   hands the link out
 *
 * `open` is posted again until an answer comes: a message on a channel is lost while the other end is still being
 * registered, and only what arrives on the channel itself proves that it is. Nobody listens on a rendezvous channel
 * but its owner, and each poster opens it for one post. Knows nothing of leases, nor of what links are for.
 */
import { deferred } from '../base/async.ts';
import type { RealMs, Timer } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { arrayAppend, mapDelete, mapForEach, mapGet, mapSet, setHas } from '../base/primordials.ts';
import { type Random, randomName } from '../base/random.ts';
import { type Sealed, seal } from '../base/sealed.ts';
import {
  type Account,
  channelNames,
  type EndpointId,
  type Epoch,
  type LinkId,
  type MachineId,
  PROTOCOL_VERSION,
} from '../protocol/names.ts';
import { Link, type LinkSetting } from './link.ts';
import { channelWire, postOnce, type Wire, type WireHandler } from './wire.ts';

/** What a dialler asks for. */
export interface OpenRequest {
  readonly v: number;
  readonly account: Account;
  readonly from: EndpointId;
  /** the machine of `from` */
  readonly machine: MachineId;
  readonly to: EndpointId;
  readonly link: LinkId;
  readonly epoch: Epoch;
}

export interface RendezvousOptions extends LinkSetting {
  readonly endpoint: EndpointId;
  /** May `request.from` have a link under `request.epoch`? False refuses, and the dialler hears it at once. */
  accept(request: OpenRequest): boolean;
  /** The link is open and the dialler is there. Not started yet. */
  onLink(link: Link, from: EndpointId, machine: MachineId): void;
}

export interface DialOptions extends LinkSetting {
  readonly from: EndpointId;
  /** the machine of `from` */
  readonly machine: MachineId;
  readonly to: EndpointId;
  readonly epoch: Epoch;
  readonly random: Random;
  readonly timeoutMs: number;
  readonly linkId?: LinkId;
  /** settles when the peer is known to be dead: no use in waiting on */
  readonly gone?: Promise<unknown>;
}

/** First pause before `open` is posted again; each is twice the one before, up to the last. */
const RETRY_FIRST_MS = 4;
const RETRY_LAST_MS = 250;
/** How long an answerer keeps a link whose dialler never came back. */
const ACK_TIMEOUT_MS = 10_000;
/** Links that are over and whose late `open` must not bring them back. */
const REMEMBERED_LINKS = 1_000;

type Greeting = 'ready' | 'refused' | 'ack';
type Hello = Omit<OpenRequest, 'from' | 'machine' | 'to'> & { readonly end: 0 | 1; readonly hello: Greeting };

/** Listens for diallers, for as long as its endpoint lives. */
export class Rendezvous {
  readonly #options: RendezvousOptions;
  readonly #wire: Wire<OpenRequest>;
  readonly #known = new Map<LinkId, MeetingWire>();
  /** answered, and their dialler not seen yet */
  readonly #halfOpen = new Map<LinkId, Link>();
  readonly #over = new Set<LinkId>();

  constructor(options: RendezvousOptions) {
    this.#options = options;
    this.#wire = channelWire(channelNames.rendezvous(options.account, options.endpoint));
    this.#wire.start({ onMessage: (message) => this.#onOpen(message), onLost: () => {} });
  }

  /** Nobody can dial any more; links that exist go on, those half open go away: their diallers may have begun to talk. */
  close(): void {
    this.#wire.close();
    const halfOpen: Link[] = [];
    mapForEach(this.#halfOpen, (link) => arrayAppend(halfOpen, link));
    for (let i = 0; i < halfOpen.length; i++) (halfOpen[i] as Link).goaway();
  }

  #onOpen(message: unknown): void {
    const { account, endpoint } = this.#options;
    if (!isOpenRequest(message) || message.v !== PROTOCOL_VERSION) return;
    if (message.account !== account || message.to !== endpoint || setHas(this.#over, message.link)) return;
    const known = mapGet(this.#known, message.link);
    if (known) known.greet('ready');
    else if (this.#options.accept(message)) this.#answer(message);
    else this.#refuse(message);
  }

  #answer(request: OpenRequest): void {
    const { clock } = this.#options;
    const meeting = new MeetingWire({
      wire: openWire(request),
      request,
      end: 1,
      onHello: (hello) => {
        if (hello === 'ack') meet();
      },
      onPacket: () => meet(),
      onClose: () => {
        timer.cancel();
        this.#forget(request.link);
      },
    });
    const timer = clock.after(ACK_TIMEOUT_MS, () => link.goaway());
    const link = new Link({
      ...this.#options,
      hold: this.#options.hold,
      ...{ wire: meeting, id: request.link, epoch: request.epoch, end: 1 },
    });
    const meet = () => {
      if (!mapDelete(this.#halfOpen, request.link) || !link.isOpen) return;
      timer.cancel();
      this.#options.onLink(link, request.from, request.machine);
    };
    mapSet(this.#known, request.link, meeting);
    mapSet(this.#halfOpen, request.link, link);
    meeting.greet('ready');
  }

  #refuse(request: OpenRequest): void {
    const wire = openWire(request);
    (wire as Wire<unknown>).post(helloOf(request, 1, 'refused'));
    wire.close();
  }

  #forget(link: LinkId): void {
    mapDelete(this.#known, link);
    mapDelete(this.#halfOpen, link);
    this.#over.add(link);
    for (const oldest of this.#over) {
      if (this.#over.size <= REMEMBERED_LINKS) break;
      this.#over.delete(oldest);
    }
  }
}

/**
 * Opens a link to an endpoint over a channel of its own.
 *
 * @throws SimulatorError `peer_gone` when nothing answered in `timeoutMs`, or `gone` settled first
 * @throws SimulatorError `link_broken` when the peer refused (another epoch)
 */
export async function dial(options: DialOptions): Promise<Sealed<Link>> {
  const { account, from, machine, to, epoch, clock } = options;
  const link = options.linkId ?? (randomName(options.random) as LinkId);
  const request: OpenRequest = { v: PROTOCOL_VERSION, account, from, machine, to, link, epoch };
  const outcome = deferred<'ready' | 'refused' | 'silent' | 'gone'>();
  const meeting = new MeetingWire({
    wire: openWire(request),
    request,
    end: 0,
    onHello: (hello) => {
      if (hello === 'ready') meeting.greet('ack');
      if (hello !== 'ack') outcome.resolve(hello);
    },
    onPacket: () => {},
    onClose: () => outcome.resolve('silent'),
  });
  const dialled = new Link({ ...options, hold: undefined, wire: meeting, id: link, epoch, end: 0 });
  const timeout = clock.after(options.timeoutMs, () => outcome.resolve('silent'));
  options.gone?.then(
    () => outcome.resolve('gone'),
    () => outcome.resolve('gone'),
  );
  let retry: Timer | undefined;
  const knock = (pauseMs: number) => {
    postOnce(channelNames.rendezvous(account, to), request);
    retry = clock.after(pauseMs, () => knock(Math.min(2 * pauseMs, RETRY_LAST_MS)));
  };
  const startedMs: RealMs = clock.now();
  knock(RETRY_FIRST_MS);
  const result = await outcome.promise;
  timeout.cancel();
  retry?.cancel();
  if (result === 'ready') return seal(dialled);
  dialled.lose();
  if (result === 'refused') throw new SimulatorError('link_broken', `${to} refused a link under epoch ${epoch}.`);
  const why = result === 'gone' ? 'is gone' : `did not answer in ${clock.now() - startedMs} ms`;
  throw new SimulatorError('peer_gone', `${to} ${why}; look it up again.`);
}

function openWire(request: OpenRequest): Wire {
  return channelWire(channelNames.link(request.account, request.link));
}

interface MeetingWireOptions {
  readonly wire: Wire;
  readonly request: OpenRequest;
  readonly end: 0 | 1;
  onHello(hello: Greeting): void;
  /** anything that is no greeting; the link sees it next */
  onPacket(): void;
  onClose(): void;
}

/** The link's wire, of which greetings never reach the link: late ones come when the link is long at work. */
class MeetingWire implements Wire {
  readonly #options: MeetingWireOptions;

  constructor(options: MeetingWireOptions) {
    this.#options = options;
  }

  get transfers(): boolean {
    return this.#options.wire.transfers;
  }

  post(...args: Parameters<Wire['post']>): void {
    this.#options.wire.post(...args);
  }

  start(handler: WireHandler): void {
    const { wire, request, end } = this.#options;
    wire.start({
      onMessage: (message) => {
        if (isHello(message, request, end === 0 ? 1 : 0)) {
          this.#options.onHello(message.hello);
          return;
        }
        this.#options.onPacket();
        handler.onMessage(message);
      },
      onLost: () => handler.onLost(),
    });
  }

  close(): void {
    this.#options.wire.close();
    this.#options.onClose();
  }

  whenHeard(go: () => void): void {
    this.#options.wire.whenHeard(go);
  }

  greet(hello: Greeting): void {
    const wire: Wire<unknown> = this.#options.wire as Wire<never> as Wire<unknown>;
    wire.post(helloOf(this.#options.request, this.#options.end, hello));
  }
}

function helloOf({ v, account, link, epoch }: OpenRequest, end: 0 | 1, hello: Greeting): Hello {
  return { v, account, link, epoch, end, hello };
}

function isHello(message: unknown, request: OpenRequest, end: 0 | 1): message is Hello {
  if (typeof message !== 'object' || message === null || !('hello' in message)) return false;
  const hello = message as Partial<Hello>;
  return (
    hello.v === request.v &&
    hello.account === request.account &&
    hello.link === request.link &&
    hello.epoch === request.epoch &&
    hello.end === end &&
    (hello.hello === 'ready' || hello.hello === 'refused' || hello.hello === 'ack')
  );
}

function isOpenRequest(message: unknown): message is OpenRequest {
  if (typeof message !== 'object' || message === null) return false;
  const { v, account, from, machine, to, link, epoch } = message as Partial<Record<keyof OpenRequest, unknown>>;
  const names = [account, from, machine, to, link];
  return typeof v === 'number' && typeof epoch === 'number' && names.every((name) => typeof name === 'string');
}
