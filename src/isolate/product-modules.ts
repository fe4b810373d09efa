/**
 * The modules of other products that programs import for a class or a constant: `cloudflare:email`, `cloudflare:vectorize` and
 * `cloudflare:workflows`.
 *
 * Promise: what they export is as in workerd, own fields included, because a missing name is a link error that no program can
 * catch. Sending an email, asking an index or running a workflow takes a binding, and there is none.
 *
 * DIFFERS: `cloudflare:ai` and `cloudflare:br` are not here. They are what the platform makes bindings of, and hold nothing else.
 *
 * @see workerd: src/cloudflare/email.ts, src/cloudflare/vectorize.ts, src/cloudflare/workflows.ts
 */
import { objectDefineProperty } from '../base/primordials.ts';

/** The field under which the platform keeps the text of an email. */
const RAW = 'EmailMessage::raw';

class EmailMessage {
  constructor(from: unknown, to: unknown, raw: unknown) {
    const fields: [key: string, value: unknown][] = [
      ['from', from],
      ['to', to],
      [RAW, raw],
    ];
    for (const [key, value] of fields) {
      objectDefineProperty(this, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
}

/** Tells a workflow's engine not to run a step again. */
class NonRetryableError extends Error {
  constructor(message: string, name = 'NonRetryableError') {
    super(message);
    objectDefineProperty(this, 'name', { value: name, enumerable: true, configurable: true, writable: true });
  }
}

/** Of an index's vectors: how far they lie from each other, what is told of them, and which models make them. */
const VECTORIZE = {
  DistanceMetric: { EUCLIDEAN: 'euclidean', COSINE: 'cosine', DOT_PRODUCT: 'dot-product' },
  KnownModel: {
    'openai/text-embedding-ada-002': 'openai/text-embedding-ada-002',
    'cohere/embed-multilingual-v2.0': 'cohere/embed-multilingual-v2.0',
    '@cf/baai/bge-small-en-v1.5': '@cf/baai/bge-small-en-v1.5',
    '@cf/baai/bge-base-en-v1.5': '@cf/baai/bge-base-en-v1.5',
    '@cf/baai/bge-large-en-v1.5': '@cf/baai/bge-large-en-v1.5',
  },
  MetadataRetrievalLevel: { ALL: 'all', INDEXED: 'indexed', NONE: 'none' },
};

// The build shortens names, and a program sees these.
objectDefineProperty(EmailMessage, 'name', { value: 'EmailMessage', configurable: true });
objectDefineProperty(NonRetryableError, 'name', { value: 'NonRetryableError', configurable: true });

/** By specifier, the exports by name. */
export const PRODUCT_MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'cloudflare:email': { EmailMessage },
  'cloudflare:vectorize': VECTORIZE,
  'cloudflare:workflows': { NonRetryableError },
};

/** Modules that the platform has beside these and those of its own: whoever imports another one asks for what is nowhere. */
export const ELSEWHERE: readonly string[] = ['cloudflare:ai', 'cloudflare:br'];
