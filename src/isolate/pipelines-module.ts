/**
 * What `import … from 'cloudflare:pipelines'` gives: the entrypoint that a pipeline sends its records through.
 *
 * Promise: a class that extends it does what it does in workerd when whoever plays the pipeline calls `_ping` and `_run`. A pipeline
 * itself takes a product, and there is none.
 *
 * What it uses of the built-ins may be the program's: it works for the program alone, and what it is given is the program's too.
 *
 * @see workerd: src/cloudflare/internal/pipeline-transform.ts
 */
import { NativeReadableStream, objectDefineProperty } from '../base/primordials.ts';
import type { AnyConstructor } from './native-shape.ts';

/** One JSON text on each line. */
const JSON_STREAM = 'json_stream';

interface Batch {
  readonly id: unknown;
  readonly shard: unknown;
  readonly ts: unknown;
  readonly format: string;
  readonly data: ReadableStream<Uint8Array<ArrayBuffer>>;
}

async function* readLines(stream: Batch['data']): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (value) rest += value;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        yield rest.substring(0, end);
        rest = rest.substring(end + 1);
      }
      if (!done) continue;
      if (rest.length > 0) yield rest;
      return;
    }
  } finally {
    reader.releaseLock();
  }
}

async function readRecords({ data }: Batch): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const line of readLines(data)) if (line.trim().length > 0) records.push(JSON.parse(line));
  return records;
}

/** What goes back: sizes are told at once, so all records are written when this returns. */
function answerOf({ id, shard, ts }: Batch, records: unknown): object {
  if (!Array.isArray(records)) throw new Error('transformations must return an array of PipelineRecord');
  let written = 0;
  const encoder = new TextEncoder();
  const data = new NativeReadableStream({
    start(controller) {
      for (const record of records) {
        const line = encoder.encode(`${JSON.stringify(record)}\n`);
        written += line.length;
        controller.enqueue(line);
      }
      controller.close();
    },
  });
  return { id, shard, ts, format: JSON_STREAM, size: { bytes: written, rows: records.length }, data };
}

/** @param WorkerEntrypoint  that of `cloudflare:workers`, which this class extends */
export function makePipelinesModule(WorkerEntrypoint: unknown): Record<string, unknown> {
  const Parent = WorkerEntrypoint as AnyConstructor as new (ctx: unknown, env: unknown) => object;
  class PipelineTransformImpl extends Parent {
    #isUsed = false;

    async run(_records: unknown, _metadata: unknown): Promise<unknown> {
      throw new Error('should be implemented by parent');
    }

    async _ping(): Promise<void> {
      if (this.run === PipelineTransformImpl.prototype.run) {
        throw new Error('the run method must be overridden by the PipelineTransformationEntrypoint subclass');
      }
    }

    async _run(batch: Batch, metadata: unknown): Promise<object> {
      if (this.#isUsed) throw new Error('pipeline entrypoint has already been initialized');
      this.#isUsed = true;
      if (batch.format !== JSON_STREAM) {
        throw new Error('PipelineTransformationEntrypoint run supports only the JSON_STREAM batch format');
      }
      const records = await readRecords(batch);
      return answerOf(batch, await this.run(records, metadata));
    }
  }
  // The build shortens names, and the platform's class takes its arguments as they come.
  objectDefineProperty(PipelineTransformImpl, 'name', { value: 'PipelineTransformImpl', configurable: true });
  objectDefineProperty(PipelineTransformImpl, 'length', { value: 0, configurable: true });
  return { PipelineTransformationEntrypoint: PipelineTransformImpl };
}
