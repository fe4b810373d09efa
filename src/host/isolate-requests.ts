/**
 * What isolates ask of their host, and who in it answers.
 *
 * Promise: every request is somebody's task, and every question is answered, with the error if there is no other answer. Knows
 * nothing of what is asked.
 */
import type { TaskSet } from '../base/async.ts';
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import type { ConnectAnswer, HostEvent, Moved } from '../protocol/control.ts';
import { toControlError } from '../protocol/control-error.ts';
import type { EndpointId, ObjectAddress } from '../protocol/names.ts';
import type { Target } from '../protocol/target.ts';
import type { Alarms } from './alarms.ts';
import type { Caches } from './caches.ts';
import type { Container, HostRequest } from './container.ts';
import type { HostSockets } from './sockets.ts';
import type { Stores } from './stores.ts';

export interface Answerers {
  tasks: TaskSet;
  stores: Stores;
  alarms: Alarms;
  caches: Caches;
  sockets: HostSockets;
  addressOf(container: Container): ObjectAddress | undefined;
  /** @param isAwaited  an object that runs waits for it */
  connect(target: Target, from: EndpointId, isAwaited: boolean): Promise<{ answer: ConnectAnswer; port?: MessagePort }>;
  probe(target: Target, isAwaited: boolean): Promise<Moved | undefined>;
  tell(event: HostEvent): void;
}

const MACHINE_ENDS = 'The machine of whoever asks is closing.';

export function answerIsolate(from: Container, request: HostRequest, host: Answerers): void {
  const { tasks } = host;
  switch (request.c) {
    case 'connect':
      tasks.add(connect(from, request, host));
      return;
    case 'probe':
      tasks.add(probe(from, request.target, host).catch(() => {})); // the asker's own call says what is wrong
      return;
    case 'store':
      tasks.add(host.stores.serve(from, host.addressOf(from), request));
      return;
    case 'cache':
      from.isolate.post({ c: 'cached', id: request.id, answer: host.caches.obey(request.order) });
      return;
    case 'note-alarm':
      tasks.add(host.alarms.note(from, request));
      return;
    case 'sockets': {
      const object = host.addressOf(from);
      if (object) host.sockets.obey(from, object, request.deeds);
      return;
    }
    case 'log':
      host.tell({ e: 'log', line: request.line });
      return;
    default:
      request satisfies never;
  }
}

const isObject = (from: Container, host: Answerers): boolean => host.addressOf(from) !== undefined;

/** Whoever asks may wait for an instance that went without a word, and whose lease was free when the next one began. */
async function probe(from: Container, target: Target, host: Answerers): Promise<void> {
  const moved = await host.probe(target, isObject(from, host));
  if (moved) from.isolate.post({ c: 'moved', ...moved });
}

async function connect(
  from: Container,
  { id, target }: Extract<HostRequest, { c: 'connect' }>,
  host: Answerers,
): Promise<void> {
  try {
    const { answer, port } = await host.connect(target, from.endpoint, isObject(from, host));
    from.isolate.post({ c: 'connected', id, answer, ...(port ? { port } : {}) }, port ? [port] : []);
  } catch (error) {
    // To a program its machine is gone, like any other: its last calls are answered elsewhere, where nobody has closed anything.
    const why = isSimulatorError(error, 'closed')
      ? new SimulatorError('peer_gone', MACHINE_ENDS, { cause: error })
      : error;
    from.isolate.post({ c: 'connect-failed', id, error: toControlError(why) });
  }
}
