import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What an object gave to another and does not live to answer for fails as soon as it was reset.',
  rows: ['4.session-lifetime', '4.callbacks', '5.abort'],
  config: objects({ KEEPER: 'Keeper', GIVER: 'Giver' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

class T extends RpcTarget { hi() { return 'hi' } get prop() { return 'prop' } }

export class Keeper extends DurableObject {
  keep(given) { this.given = given.dup() }
  async keepAndUse(given) { this.given = given.dup(); return given.hi() }
  async use() { return [await this.given.hi().catch(inspect), await this.given.prop.catch(inspect), await this.given.hi().catch(inspect)] }
  async call() { return [await this.given().catch(inspect), await this.given().catch(inspect)] }
}
export class Giver extends DurableObject {
  get keeper() { return this.env.KEEPER.getByName('of ' + this.ctx.id.name) }
  give() { return this.keeper.keep(new T()) }
  giveAndUse() { return this.keeper.keepAndUse(new T()) }
  giveFunction() { return this.keeper.keep(() => 'called') }
  ends(how) {
    if (how === 'abort') this.ctx.abort('ended');
    if (how === 'section') return this.ctx.blockConcurrencyWhile(() => { throw new Error('ended in a section') });
    this.ctx.storage.sql.exec('CREATE TABLE p (x PRIMARY KEY); CREATE TABLE c (y REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1)');
  }
}

export default worker(async ({ say, env }) => {
  for (const how of ['abort', 'section', 'commit']) for (const give of how === 'abort' ? ['give', 'giveAndUse', 'giveFunction'] : ['give']) {
    const name = how + ', ' + give;
    const giver = env.GIVER.getByName(name);
    const keeper = env.KEEPER.getByName('of ' + name);
    const use = give === 'giveFunction' ? 'call' : 'use';
    await giver[give]();
    await say(name + ': before', () => keeper[use]());
    await say('  its end', () => giver.ends(how));
    await scheduler.wait(20);
    await say('  after it', () => keeper[use]());
    await say('  again', () => keeper[use]());
  }
});
`,
});
