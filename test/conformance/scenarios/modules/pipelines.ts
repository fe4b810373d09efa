import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The entrypoint of cloudflare:pipelines reads the records of a batch, has them changed and sends them on; the constants of cloudflare:vectorize are there.',
  rows: ['1.platform-modules'],
  program: `
import { PipelineTransformationEntrypoint as Transform } from 'cloudflare:pipelines';
import * as pipelines from 'cloudflare:pipelines';
import * as vectorize from 'cloudflare:vectorize';
import { WorkerEntrypoint } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj {}
export class Doubling extends Transform {
  async run(records, metadata) { return records.map((one) => ({ ...one, n: one.n * 2, of: metadata?.pipelineId })) }
}
class Nothing extends Transform {}
class Wrong extends Transform { async run() { return { 0: 'no array' } } }

const stream = (...texts) => new ReadableStream({ start(c) { for (const text of texts) c.enqueue(new TextEncoder().encode(text)); c.close() } });
const batch = (...texts) => ({ id: 'i', shard: 's', ts: 5, format: 'json_stream', data: stream(...texts) });
const read = async (made) => ({ ...made, data: await new Response(made.data).text() });

export default worker(async ({ say, ctx, env }) => {
  const make = (Type) => new Type(ctx, env);
  await say('exports', () => [Object.keys(pipelines), Object.keys(vectorize)]);
  await say('constants', () => JSON.stringify([vectorize.DistanceMetric, vectorize.KnownModel, vectorize.MetadataRetrievalLevel]));
  await say('the class', () => [Transform.name, Transform.length, Object.getPrototypeOf(Transform) === WorkerEntrypoint, Object.getOwnPropertyNames(Transform), Object.getOwnPropertyNames(Transform.prototype), Object.keys(make(Transform))]);
  await say('methods', () => ['run', '_ping', '_run'].map((key) => [Transform.prototype[key].name, Transform.prototype[key].length]));
  await say('an instance', () => [String(make(Doubling)), make(Doubling) instanceof WorkerEntrypoint]);
  await say('without arguments', () => new Transform());
  await say('a ping', () => make(Doubling)._ping());
  await say('a ping without run', () => make(Nothing)._ping());
  await say('run', () => make(Nothing).run([], {}));
  await say('a batch', async () => read(await make(Doubling)._run(batch('{"n":1}\\n{"n', '":2}\\n\\n  \\n{"n":3,"t":"ü"}'), { pipelineId: 'p' })));
  await say('an empty batch', async () => read(await make(Doubling)._run(batch())));
  await say('twice', async () => { const it = make(Doubling); await it._run(batch()); await it._run(batch()) });
  await say('another format', () => make(Doubling)._run({ ...batch(), format: 'csv' }));
  await say('no batch', () => make(Doubling)._run());
  await say('what is no JSON', () => make(Doubling)._run(batch('{"n":1}\\nno')));
  await say('no array', () => make(Wrong)._run(batch()));
  await say('no run', () => make(Nothing)._run(batch('1')));
});
`,
});
