import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A partyserver room names itself, hibernates with its connections, and tells all of them who comes, speaks and goes.',
  rows: ['12.hibernation', '12.attachments', '12.get-web-sockets'],
  packages: ['partyserver', 'nanoid'],
  config: {
    durable_objects: { bindings: [{ name: 'Room', class_name: 'Room' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Room'] }],
  },
  program: `
import { getServerByName, routePartykitRequest, Server } from 'partyserver';

export class Room extends Server {
  static options = { hibernate: true };
  starts = 0;
  onStart() { this.starts++ }
  onConnect(connection, { request }) {
    connection.setState({ said: 0 });
    connection.send('welcome ' + connection.id + ' to ' + this.name + ' by ' + new URL(request.url).pathname);
    this.broadcast(connection.id + ' came', [connection.id]);
  }
  onMessage(connection, message) {
    connection.setState(({ said }) => ({ said: said + 1 }));
    this.broadcast(connection.id + ' said ' + message + ', ' + JSON.stringify(connection.state));
  }
  onClose(connection, code, reason) { this.broadcast(connection.id + ' left, ' + code + ' ' + reason) }
  onRequest() { return Response.json({ name: this.name, starts: this.starts, here: [...this.getConnections()].map(({ id, state }) => [id, state]) }) }
  hello(who) { return 'hello ' + who + ' from ' + this.name }
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/rpc') return new Response(await (await getServerByName(env.Room, 'called')).hello('you'));
    return (await routePartykitRequest(request, env)) ?? new Response('no party', { status: 404 });
  },
};
`,
  async steps(client) {
    await client.fetch('/rpc');
    await client.fetch('/parties/room/r1');
    await client.fetch('/elsewhere');
    const ann = await client.socket('/parties/room/r1?_pk=ann');
    await ann.hears();
    const ben = await client.socket('/parties/room/r1?_pk=ben');
    await ben.hears();
    await ann.hears();
    await ann.send('hi');
    await ann.hears();
    await ben.hears();
    await client.wait(11_000);
    await client.fetch('/parties/room/r1');
    await ben.send('still here');
    await ann.hears();
    await ben.hears();
    await ben.close(3000, 'enough');
    await ann.hears();
    await client.fetch('/parties/room/r1');
  },
});
