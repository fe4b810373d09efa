/** An object that closes with what it is told to, or answers a close, by either way of accepting; it keeps what it heard. */
export const closeCodes = String.raw`
import { DurableObject } from 'cloudflare:workers';
import { showNow, inspect } from './prelude.js';
import { answer, listen, pair } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    if (request.url.endsWith('std')) { b.accept(); listen(b, 'std', (line) => { if (!line.startsWith('std message')) this.log.push(line) }); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b);
    return answer(a);
  }
  webSocketMessage(ws, m) { const [code, reason] = JSON.parse(m); if (code === null) ws.close(); else ws.close(code, reason) }
  webSocketClose(ws, code, reason, wasClean) { this.log.push(['hib close', code, inspect(reason), wasClean, 'state', ws.readyState].join(' ')); const line = showNow(() => ws.close(code, 'answer')); this.log.push('answers ' + line); if (line !== 'undefined') this.log.push(showNow(() => ws.close(1000, 'instead'))) }
  webSocketError(ws, error) { this.log.push('hib error ' + inspect(error)) }
  told() { return this.log.splice(0).join('\n') }
}
export default { async fetch(request, env) { const o = env.OBJ.getByName('a'); return new URL(request.url).pathname === '/told' ? new Response(await o.told()) : o.fetch(request) } };
`;
