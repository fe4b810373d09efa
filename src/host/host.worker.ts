/**
 * The host's thread: one machine of an account.
 *
 * It is a worker and not the page, because a busy page must not stall the network, and because browsers slow down the
 * timers of hidden pages, not those of their workers.
 */
import { must } from '../base/assert.ts';
import { systemClock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { exposeControl, withTransfer } from '../network/control-port.ts';
import { type Lease, openLeases } from '../network/lease.ts';
import type { HostControl, HostEvent } from '../protocol/control.ts';
import { type Account, lockNames, objectAddress, PROTOCOL_VERSION } from '../protocol/names.ts';
import { deleteAccount, listAccounts, openVault } from '../storage/vault.ts';
import { Host } from './host.ts';
import { serveStores } from './stores.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = (event: MessageEvent<{ start: MessagePort[] }>) => {
  const [control, events] = event.data.start;
  start(must(control, 'the control port'), must(events, 'the port for events'));
};

function start(control: MessagePort, events: MessagePort): void {
  const tell = (event: HostEvent) => events.postMessage(event, takenAlong(event));
  let opened: Host | undefined;
  let presence: Lease | undefined;
  const host = () => {
    if (!opened) throw new SimulatorError('closed', 'The host is not open.');
    return opened;
  };
  const api: HostControl = {
    listAccounts,
    deleteAccount: deleteUnused,
    async open(opening) {
      const leases = await openLeases();
      const random = systemRandom();
      const isSole = leases.mode === 'sole';
      presence = await joinAccount(opening.account, leases);
      const { vault, fallback, lost } = await openVault({
        account: opening.account,
        mode: isSole ? 'memory' : opening.storage,
      });
      opened = new Host({
        opening,
        vault,
        leases,
        random,
        tell,
        prefersPorts: isSole || /Chrom(e|ium)\//.test(scope.navigator.userAgent),
      });
      await opened.clock.open();
      await opened.sockets.open();
      await opened.wake();
      return {
        storage: vault.mode,
        storageReason: fallback?.message ?? (isSole && opening.storage === 'auto' ? SOLE_REASON : undefined),
        storageLost: lost,
        machine: opening.machine,
        deployment: (await opened.current())?.number ?? 0,
        clock: opened.clock.virtual.anchors,
      };
    },
    deploy: (deployment) => host().deploy(deployment),
    current: () => host().current(),
    async connect(target, from) {
      const found = await host().connect(target, from);
      return withTransfer(found, found.port ? [found.port] : []);
    },
    probe: (target) => host().probe(target),
    listObjects: () => host().listObjects(),
    look: (namespace, id) => host().edits.look(objectAddress(namespace, id)),
    countSockets: () => host().countSockets(),
    listNamespaces: () => host().listNamespaces(),
    serveStores: async (port) => serveStores(host().vault, port),
    edit: (target, edit) => host().edits.edit(target, edit),
    importObject: (target, file) => host().edits.importObject(target, file),
    runAlarm: (target) => host().alarms.runNow(target),
    evict: (namespace, id, closesSockets) => host().edits.evict(objectAddress(namespace, id), closesSockets),
    slowStorage: (latencyMs, object) => host().faults.storage.slow(latencyMs, object),
    fault: (order) => host().faults.network.order(order),
    trace: (isWanted) => host().traces.want(isWanted),
    traced: async (batch) => host().traces.take(batch, 'page'),
    hibernate: (namespace, id) => host().edits.hibernate(objectAddress(namespace, id)),
    evictAll: () => host().evictAll(),
    crash: (namespace, id) => host().edits.crash(objectAddress(namespace, id)),
    yieldObjects: () => host().yieldObjects(),
    moveClock: (move) => host().clock.move(move),
    pageStill: async (report) => host().clock.pageStill(report),
    wake: () => host().wake(),
    async close(options) {
      await host().close(options);
      presence?.release();
      systemClock().after(THREADS_END_MS, () => scope.close());
    },
  };
  exposeControl(api, control);
}

function takenAlong(event: HostEvent): Transferable[] {
  if (event.e === 'trace') return [event.batch.words.buffer];
  return event.e === 'link' ? [event.port] : [];
}

/** @throws SimulatorError `config_invalid` when somebody has it open */
async function deleteUnused(account: Account): Promise<void> {
  const leases = await openLeases();
  if ((await leases.held(lockNames.protocolPrefix(account))).length > 0) {
    throw new SimulatorError(
      'config_invalid',
      `The account "${account}" is open here or in another tab: close it there before deleting it.`,
    );
  }
  await deleteAccount(account);
}

/**
 * How long the threads of ended isolates get before this one ends. The host ends itself: when its page terminates it while
 * a thread below it is ending, Chromium leaves both running now and then (1 in 5 closings, measured; so 0 in 28).
 */
const THREADS_END_MS = 30;

const SOLE_REASON = 'This page has an opaque origin, where browsers keep nothing.';

/** Says which protocol version is at work here, and refuses to work beside another one. */
async function joinAccount(
  account: Parameters<typeof lockNames.protocol>[0],
  leases: Awaited<ReturnType<typeof openLeases>>,
): Promise<Lease> {
  const prefix = lockNames.protocolPrefix(account);
  const presence = await leases.acquire(lockNames.protocol(account, PROTOCOL_VERSION), { shared: true });
  const others = (await leases.held(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter((version) => version !== PROTOCOL_VERSION);
  if (others.length === 0) return presence;
  presence.release();
  const isOlder = others.some((version) => version < PROTOCOL_VERSION);
  throw new SimulatorError(
    'version_mismatch',
    isOlder
      ? `Another tab uses the account "${account}" with an older version of Durabox: reload that tab, then this one.`
      : `Another tab uses the account "${account}" with a newer version of Durabox: reload this tab.`,
  );
}
