/**
 * What programs with WebSockets share, as the module `./sockets.js`: `pair()`, the headers that ask for a socket, a listener that
 * writes down every event, and waiting for a number of lines.
 */
const text = `
import { inspect, sleep } from './prelude.js';
const shown = {
  open: () => '',
  message: (e) => inspect(e.data),
  close: (e, w) => [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' '),
  error: (e) => e.message + ' ' + inspect(e.error),
};
export const pair = () => Object.values(new WebSocketPair());
export const upgrade = { headers: { Upgrade: 'websocket' } };
export const answer = (webSocket, headers = {}) => new Response(null, { status: 101, webSocket, headers });
/** One line for each event on the socket. */
export const listen = (w, name, push) => {
  for (const type of ['open', 'message', 'close', 'error']) w.addEventListener(type, (e) => push((name + ' ' + type + ' ' + shown[type](e, w)).trim()));
};
/** Waits until so many lines are there, and a little longer, in case there are more. */
export const until = async (lines, count) => { for (let i = 0; i < 150 && lines.length < count; i++) await sleep(20); await sleep(60); return lines };
/** A socket to the stub's object, accepted, whose events go into its \`lines\`. */
export const open = async (stub, path = '', name = 'client') => {
  const { webSocket } = await stub.fetch('http://x/' + path, upgrade);
  webSocket.lines = [];
  listen(webSocket, name, (line) => webSocket.lines.push(line));
  webSocket.accept();
  return webSocket;
};
`;

/** For a scenario's `modules`. */
export const socketModule = { 'sockets.js': text };
