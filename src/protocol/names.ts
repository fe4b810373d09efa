/**
 * Every name by which parts find one another: locks, channels, databases.
 *
 * Promise: lock and database names carry no protocol version, so that two versions of the library still exclude each
 * other; channel names do, so that they never talk past each other.
 */
declare const brand: unique symbol;
type Name<Kind extends string> = string & { readonly [brand]: Kind };

/** the unit of isolation and of persistence, chosen by the embedder */
export type Account = Name<'account'>;
/** one host worker of an account */
export type MachineId = Name<'machine'>;
/** whatever can hold a link: a page, a host, an isolate */
export type EndpointId = Name<'endpoint'>;
export type LinkId = Name<'link'>;
/** one WebSocket, as the end that holds it knows it: long and random, because whoever can say it may take it up */
export type ConnectionId = Name<'connection'>;
/** `<script name>-<class name>`, what an id is derived from (as miniflare) */
export type UniqueKey = Name<'unique-key'>;
/** unique key and id, the whole address of an object: `<unique key>/<64 hex>` */
export type ObjectAddress = Name<'object-address'>;
/** number raised at every open of an object's pages; the fencing token */
export type Epoch = number & { readonly [brand]: 'epoch' };

/** A page has no instances: links to it name this one. */
export const PAGE_EPOCH = 0 as Epoch;

/** Raised with every change to frames, control or stored records that an older page could not read. */
export const PROTOCOL_VERSION = 7;

export const asAccount = (name: string): Account => name as Account;
export const objectAddress = (key: UniqueKey, idHex: string): ObjectAddress => `${key}/${idHex}` as ObjectAddress;
export const uniqueKey = (script: string, className: string): UniqueKey => `${script}-${className}` as UniqueKey;

const PREFIX = 'durabox';

export const lockNames = {
  object: (account: Account, object: ObjectAddress) => `${PREFIX}:${account}:object:${object}`,
  /** held by the one host that runs the account's alarms */
  clock: (account: Account) => `${PREFIX}:${account}:clock`,
  /** held for life by every endpoint; whoever gets it learns that the endpoint is gone */
  life: (account: Account, endpoint: EndpointId) => `${PREFIX}:${account}:life:${endpoint}`,
  /** held while the account's clock is being moved */
  moving: (account: Account) => `${PREFIX}:${account}:moving`,
  /** held by every host that is awake: who moves the clock asks those */
  machine: (account: Account, machine: MachineId) => `${PREFIX}:${account}:machine:${machine}`,
  machinePrefix: (account: Account) => `${PREFIX}:${account}:machine:`,
  /** held, shared, by every host for life: says which protocol versions are at work in the account */
  protocol: (account: Account, version: number) => `${PREFIX}:${account}:protocol:${version}`,
  protocolPrefix: (account: Account) => `${PREFIX}:${account}:protocol:`,
};

export const channelNames = {
  rendezvous: (account: Account, endpoint: EndpointId) => `${PREFIX}:${PROTOCOL_VERSION}:${account}:meet:${endpoint}`,
  link: (account: Account, link: LinkId) => `${PREFIX}:${PROTOCOL_VERSION}:${account}:link:${link}`,
  directory: (account: Account) => `${PREFIX}:${PROTOCOL_VERSION}:${account}:directory`,
};

export const databaseNames = {
  account: (account: Account) => `${PREFIX}:${account}`,
  object: (account: Account, object: ObjectAddress) => `${PREFIX}:${account}:${object}`,
  objectPrefix: (account: Account) => `${PREFIX}:${account}:`,
};
