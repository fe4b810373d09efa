/**
 * Brings a caller and an instance of this machine together.
 *
 * Promise: both ends of a port are made here, one is given to the instance and one to the caller; where ports are no gain, the
 * caller is told whom to dial.
 */

import { SimulatorError } from '../base/errors.ts';
import { type Random, randomName } from '../base/random.ts';
import type { ConnectAnswer, HostEvent, HostOpening, Moved } from '../protocol/control.ts';
import { type EndpointId, type Epoch, type LinkId, objectAddress, PAGE_EPOCH } from '../protocol/names.ts';
import type { EndpointTarget, ObjectTarget } from '../protocol/target.ts';
import type { Container } from './container.ts';

export interface IntroductionOptions {
  readonly opening: HostOpening;
  /** true where a port is the faster carrier (Chromium) or the only one proven to work (opaque frames) */
  readonly prefersPorts: boolean;
  readonly random: Random;
}

/** What the caller is told, and its end of the port. */
export interface Introduction {
  readonly answer: ConnectAnswer;
  readonly port?: MessagePort;
}

/** Where an object was found. */
export function movedTo(
  place:
    | { readonly at: 'here'; readonly epoch: Epoch }
    | { readonly at: 'there'; readonly answer: Extract<ConnectAnswer, { carrier: 'channel' }> },
  { namespace, id }: ObjectTarget,
  { opening }: Pick<IntroductionOptions, 'opening'>,
): Moved {
  const { epoch, machine } = place.at === 'there' ? place.answer : { epoch: place.epoch, machine: opening.machine };
  return { object: objectAddress(namespace, id), epoch, machine };
}

export function introduce(
  { opening, prefersPorts, random }: IntroductionOptions,
  { container, epoch, from }: { readonly container: Container; readonly epoch: Epoch; readonly from: EndpointId },
): Introduction {
  const { machine, network } = opening;
  const { endpoint } = container;
  if (network === 'channel' || !prefersPorts) return { answer: { endpoint, epoch, machine, carrier: 'channel' } };
  const { port1, port2 } = new MessageChannel();
  const link = randomName(random) as LinkId;
  container.attach(link, from, port1);
  return { answer: { endpoint, epoch, machine, carrier: 'port', link }, port: port2 };
}

/** Brings an isolate to the page that answers for the internet. @throws SimulatorError `peer_gone` when there is none */
export function introducePage(
  { opening, prefersPorts, random, tell }: IntroductionOptions & { tell(event: HostEvent): void },
  from: EndpointId,
): Introduction {
  const { machine, network, outside } = opening;
  if (!outside) throw new SimulatorError('peer_gone', 'No page answers for the internet.');
  const answer = { endpoint: outside, epoch: PAGE_EPOCH, machine };
  if (network === 'channel' || !prefersPorts) return { answer: { ...answer, carrier: 'channel' } };
  const { port1, port2 } = new MessageChannel();
  const link = randomName(random) as LinkId;
  tell({ e: 'link', link, from, epoch: PAGE_EPOCH, port: port1 });
  return { answer: { ...answer, carrier: 'port', link }, port: port2 };
}

/** Brings a caller to a thread that is known to be there, here or on another machine. @throws SimulatorError `peer_gone` */
export function introduceThread(
  options: IntroductionOptions,
  { target, from, containers }: { target: EndpointTarget; from: EndpointId; containers: readonly Container[] },
): Introduction {
  const { machine, endpoint, epoch } = target;
  if (machine !== options.opening.machine) return { answer: { machine, endpoint, epoch, carrier: 'channel' } };
  const container = containers.find((one) => one.endpoint === endpoint);
  if (!container) throw new SimulatorError('peer_gone', 'Whoever held the other end of the WebSocket is gone.');
  return introduce(options, { container, epoch, from });
}
