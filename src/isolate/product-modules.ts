/**
 * The modules of other products that programs import for a class: `cloudflare:email` and `cloudflare:workflows`.
 *
 * Promise: what they export is as in workerd, own fields included, because a missing name is a link error that no program can
 * catch. Sending an email or running a workflow takes a binding, and there is none.
 *
 * @see workerd: src/cloudflare/email.ts, src/cloudflare/workflows.ts
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

// The build shortens names, and a program sees these.
objectDefineProperty(EmailMessage, 'name', { value: 'EmailMessage', configurable: true });
objectDefineProperty(NonRetryableError, 'name', { value: 'NonRetryableError', configurable: true });

/** By specifier, the exports by name. */
export const PRODUCT_MODULES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'cloudflare:email': { EmailMessage },
  'cloudflare:workflows': { NonRetryableError },
};
