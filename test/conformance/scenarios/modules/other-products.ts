import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The modules of other products link, and what they export that needs no product works.',
  rows: ['1.runtime-exports'],
  program: `
import { EmailMessage } from 'cloudflare:email';
import * as email from 'cloudflare:email';
import { NonRetryableError } from 'cloudflare:workflows';
import * as workflows from 'cloudflare:workflows';
import { worker } from './prelude.js';

export class Obj {}

export default worker(async ({ say }) => {
  await say('exports', () => [Object.keys(email), Object.keys(workflows)]);
  await say('classes', () => [EmailMessage, NonRetryableError].map((type) => [typeof type, type.name, type.length, Object.getOwnPropertyNames(type), Object.getOwnPropertyNames(type.prototype)]));
  await say('an email', () => { const mail = new EmailMessage('a', 'b', 'raw'); return [Object.getOwnPropertyNames(mail), Object.prototype.toString.call(mail), JSON.stringify(mail), mail.from, mail.to] });
  await say('an email of nothing', () => JSON.stringify(new EmailMessage()));
  await say('an email without new', () => EmailMessage('a', 'b', 'c'));
  await say('an error', () => { const error = new NonRetryableError('m', 'N'); return [error.name, error.message, Object.getOwnPropertyNames(error), String(error), error instanceof Error, Object.prototype.toString.call(error)] });
  await say('an error without a name', () => { const error = new NonRetryableError('m'); return [error.name, Object.getOwnPropertyNames(error), String(error)] });
  await say('an error thrown', () => { throw new NonRetryableError('thrown', 'Mine') });
});
`,
});
