/**
 * What `ctx` of a facet says about hibernatable WebSockets: there are none.
 *
 * DIFFERS: workerd accepts them. Here a host keeps such sockets by the object's address, and a facet has none of its own.
 */
import { notYetError } from './native-shape.ts';
import type { SocketApi } from './socket-api.ts';

export class NoSockets implements Pick<SocketApi, keyof SocketApi> {
  readonly autoResponse = null;
  readonly eventTimeout = null;

  accept(): never {
    throw notYetError('ctx.acceptWebSocket() in a facet');
  }

  sockets(): object[] {
    return [];
  }

  tags(): never {
    throw notYetError('ctx.getTags() in a facet');
  }

  setAutoResponse(): never {
    throw notYetError('ctx.setWebSocketAutoResponse() in a facet');
  }

  answered(): null {
    return null;
  }

  setEventTimeout(): never {
    throw notYetError('ctx.setHibernatableWebSocketEventTimeout() in a facet');
  }
}
