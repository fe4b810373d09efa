/**
 * The program that most scenarios about SQL share: one object that does what the scenario says and answers with what it saw.
 *
 * Promise: the text given is all that differs. It runs inside `async run()` of a SQLite-backed object and finds there:
 *
 *     ctx, storage, sql, kv              the object's own
 *     say(what, f), sayLater(what, f)    one line: what f gives, or throws; `sayLater` awaits it
 *     rows(text, ...bindings)            all rows of one exec
 *     all(...texts)                      a line for each statement, run in this order
 *     inspect, sleep, tag                as in the prelude
 *
 * Knows nothing of what is expected.
 */
export function sqlObject(body: string, members = ''): string {
  return `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, sleep, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const { ctx } = this, { storage } = ctx, { sql, kv } = storage, lines = [];
    const line = (text) => lines.push(text.replaceAll('\\n', '\\\\n').replaceAll('\\0', '\\\\0'));
    const say = (what, f) => line(what + ': ' + showNow(f));
    const sayLater = async (what, f) => line(what + ': ' + (await show(f)));
    const rows = (text, ...bindings) => sql.exec(text, ...bindings).toArray();
    const all = (...texts) => { for (const text of texts) say(text, () => rows(text)) };
${body}
    return lines.join('\\n');
  }
${members}}

export default { fetch: async (request, env) => new Response(await show(() => env.OBJ.getByName('a').run())) };
`;
}
