/**
 * What the threads of this machine are told of those at the other ends of their links.
 *
 * Promise: the page, every isolate and the host's own end hear that somebody is dead, or runs elsewhere. Of who ended in good order
 * nobody is told: each of its peers hears from itself what it looked at, by another way than this news, which could be there first;
 * and then calls would fail that nobody has begun.
 */
import type { HostEvent, Moved } from '../protocol/control.ts';
import type { WireError } from '../protocol/link.ts';
import type { EndpointId } from '../protocol/names.ts';
import type { Container } from './container.ts';

export interface Neighbours {
  tell(event: HostEvent): void;
  containers(): readonly { readonly isolate: Pick<Container['isolate'], 'post'> }[];
  readonly sockets: { gone(endpoint: EndpointId, error: WireError | undefined): void };
}

/** @param error  what its callers should see; undefined: it died */
export function tellEnded(
  ended: Pick<Container, 'endpoint' | 'hasSlept'>,
  error: WireError | undefined,
  { tell, containers, sockets }: Neighbours,
): void {
  if (ended.hasSlept) return;
  const { endpoint } = ended;
  sockets.gone(endpoint, error);
  tell({ e: 'gone', endpoint, error });
  for (const { isolate } of containers()) isolate.post({ c: 'gone', endpoint, error });
}

export function tellMoved(moved: Moved, { tell, containers }: Pick<Neighbours, 'tell' | 'containers'>): void {
  tell({ e: 'moved', ...moved });
  for (const { isolate } of containers()) isolate.post({ c: 'moved', ...moved });
}
