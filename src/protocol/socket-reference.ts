/** Names the held end of a WebSocket, so that it can be handed on without anybody between. */
import type { ConnectionId, EndpointId, Epoch, MachineId, ObjectAddress } from './names.ts';

/** Where the held end of a socket is. Whoever has it may take the socket up, once. */
export interface SocketReference {
  readonly machine: MachineId;
  readonly endpoint: EndpointId;
  readonly epoch: Epoch;
  readonly connection: ConnectionId;
  /** the object whose end it is: when another machine runs that, this end is dead */
  readonly object?: ObjectAddress;
  /** the first thing that its holder said, before anybody took it up, was a close */
  readonly wasRefused?: true;
}
