/** `node:os`: the constants of a Worker's machine (workerd 1.20260730, as observed). */
export const EOL = '\n';
export const devNull = '/dev/null';
export const constants = { UV_UDP_REUSEADDR: 4, dlopen: {}, errno: {}, signals: {}, priority: {} };
const answer =
  <T>(value: T) =>
  (): T =>
    value;
export const arch = answer('x64');
export const availableParallelism = answer(1);
export const cpus = (): unknown[] => [];
export const endianness = answer('LE');
export const freemem = answer(0);
export const getPriority = answer(0);
export const homedir = answer('/tmp/');
export const hostname = answer('localhost');
export const loadavg = (): number[] => [0, 0, 0];
export const machine = answer('x86_64');
export const networkInterfaces = (): object => ({});
export const platform = answer('linux');
export const release = answer('');
export const setPriority = (): void => {};
export const tmpdir = answer('/tmp/');
export const totalmem = answer(0);
export const type = answer('Linux');
export const uptime = answer(0);
export const userInfo = (): object => ({});
export const version = answer('');
export default {
  ...{ EOL, devNull, constants, arch, availableParallelism, cpus, endianness, freemem, getPriority, homedir, hostname },
  ...{ loadavg, machine, networkInterfaces, platform, release, setPriority, tmpdir, totalmem, type, uptime, userInfo },
  version,
};
