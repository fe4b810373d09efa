/**
 * `node:process`, and the global of that name: what a Worker's process shows (workerd 1.20260730, as observed).
 *
 * DIFFERS: `process.exit()` of a Worker throws what the platform ends the request with; an object is ended as there.
 */

import { EventEmitter } from './events.ts';
import { hooks } from './hooks.ts';

type Call = (...args: unknown[]) => void;

/** A variable is text, whatever is assigned to it. */
export const env = new Proxy<Record<string, unknown>>(
  { ...hooks.variables },
  {
    set: (target, key, value) => Reflect.set(target, key, typeof key === 'string' ? String(value) : value),
    defineProperty: (target, key, descriptor) =>
      Reflect.defineProperty(target, key, { ...descriptor, value: String(descriptor.value) }),
  },
);
export const version = 'v22.19.0';
export const versions = { node: '22.19.0', v8: '', modules: '', zlib: '', uv: '', openssl: '' };
export const platform = 'linux';
export const arch = 'x64';
export const pid = 1;
export const ppid = 0;
export const title = 'workerd';
export const argv: string[] = ['workerd'];
export const argv0 = 'workerd';
export const execArgv: string[] = [];
export const execPath = '';
export const release = { name: 'node', lts: true, sourceUrl: '', headersUrl: '' };
export const features = {};
export const config = { target_defaults: {}, variables: {} };
export const exitCode = undefined;

export function nextTick(call: Call, ...args: unknown[]): void {
  if (typeof call === 'function') queueMicrotask(() => call(...args));
}

export function cwd(): string {
  return '/bundle';
}

export function chdir(path: string): never {
  const there = path.replace(/^\/+/, '');
  throw Object.assign(new Error(`no such file or directory, chdir '${there}'`), {
    ...{ syscall: 'chdir', code: 'ENOENT', path: there },
  });
}

export function umask(): number {
  return 0o22;
}

export function uptime(): number {
  return 0;
}

export function memoryUsage(): Record<string, number> {
  return { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
}

export function cpuUsage(): Record<string, number> {
  return { user: 0, system: 0 };
}

export const hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint } = Object.assign(
  (since?: [number, number]): [number, number] => {
    const nowMs = hooks.now();
    const seconds = Math.floor(nowMs / 1000);
    const nanoseconds = Math.floor((nowMs % 1000) * 1e6);
    if (!since) return [seconds, nanoseconds];
    const isBorrowing = nanoseconds < since[1];
    return [seconds - since[0] - (isBorrowing ? 1 : 0), nanoseconds - since[1] + (isBorrowing ? 1e9 : 0)];
  },
  { bigint: () => BigInt(Math.floor(hooks.now() * 1000)) * 1000n },
);

export function emitWarning(warning: unknown): void {
  console.warn(warning);
}

export function exit(code: unknown = 0): never {
  const number = Number(code) | 0;
  const error = new Error(`The Node.js process.exit(${number}) API was called. Canceling the request.`);
  hooks.exit(error);
  throw error;
}

export function abort(): never {
  exit(1);
}

export function getuid(): number {
  return 0;
}
export const geteuid = getuid;
export const getgid = getuid;
export const getegid = getuid;

const writer = (fd: number, write: (text: string) => void) => ({
  fd,
  isTTY: false,
  write(chunk: unknown): boolean {
    write(String(chunk).replace(/\n$/, ''));
    return true;
  },
});
export const stdout = writer(1, (text) => console.log(text));
export const stderr = writer(2, (text) => console.error(text));

const Process = function process() {} as unknown as new () => object;
Object.setPrototypeOf(Process.prototype, EventEmitter.prototype as object);
const process = new Process() as Record<string, unknown>;
EventEmitter.call(process);
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });
Object.assign(process, {
  ...{ env, version, versions, platform, arch, pid, ppid, title, argv, argv0, execArgv, execPath, release, features },
  ...{ config, exitCode, nextTick, cwd, chdir, umask, uptime, memoryUsage, cpuUsage, hrtime, emitWarning, exit, abort },
  ...{ getuid, geteuid, getgid, getegid, stdout, stderr },
});

export const on = (process['on'] as Call).bind(process);
export const once = (process['once'] as Call).bind(process);
export const off = (process['off'] as Call).bind(process);
export const emit = (process['emit'] as Call).bind(process);
export default process;
