import { scenario } from '../../scenario.ts';

/** What a y-websocket client sends when its document, of client 1, gets the text "hi". */
const HI = [0, 2, 12, 1, 1, 1, 0, 4, 1, 1, 116, 2, 104, 105, 0];

export const subject = scenario({
  name: 'A y-partyserver document passes edits on, saves itself behind them, and is loaded again when it has hibernated.',
  rows: ['12.hibernation', '12.send', '9.exec'],
  packages: ['y-partyserver', 'partyserver', 'nanoid', 'yjs', 'y-protocols', 'lib0', 'lodash.debounce'],
  config: {
    durable_objects: { bindings: [{ name: 'Doc', class_name: 'Doc' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Doc'] }],
  },
  program: `
import { routePartykitRequest } from 'partyserver';
import { YServer } from 'y-partyserver';
import * as Y from 'yjs';

export class Doc extends YServer {
  static options = { hibernate: true };
  static callbackOptions = { debounceWait: 100, debounceMaxWait: 500, timeout: 2000 };
  saves = 0;
  async onStart() {
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS saved (id INTEGER PRIMARY KEY, state BLOB)');
    return super.onStart();
  }
  async onLoad() {
    const [row] = this.ctx.storage.sql.exec('SELECT state FROM saved').toArray();
    if (row) Y.applyUpdate(this.document, new Uint8Array(row.state));
  }
  async onSave() {
    this.saves++;
    const state = Y.encodeStateAsUpdate(this.document);
    this.ctx.storage.sql.exec('INSERT OR REPLACE INTO saved VALUES (1, ?)', state);
  }
  onRequest() {
    const text = this.document.getText('t').toString();
    return Response.json({ text, saves: this.saves, connections: [...this.getConnections()].length });
  }
}

export default {
  async fetch(request, env) {
    return (await routePartykitRequest(request, env)) ?? new Response('no document', { status: 404 });
  },
};
`,
  async steps(client) {
    await client.fetch('/parties/doc/notes');
    const ann = await client.socket('/parties/doc/notes?_pk=ann');
    await ann.hears();
    const ben = await client.socket('/parties/doc/notes?_pk=ben');
    await ben.hears();
    await ann.send(HI);
    await ben.hears();
    await client.wait(1000);
    await client.fetch('/parties/doc/notes');
    await client.wait(12_000);
    await client.fetch('/parties/doc/notes');
    await ann.close(1000, 'done');
    await client.wait(100);
    await client.fetch('/parties/doc/notes');
  },
});
