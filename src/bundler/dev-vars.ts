/**
 * Secrets of development: the file `.dev.vars` beside the config, as `wrangler dev` reads it.
 *
 * Promise: each line `NAME=value` becomes a binding that is text, in place of a var of the same name. Quotes keep spaces, `#` and
 * line breaks; `\n` means a line break between double quotes only.
 * @see https://developers.cloudflare.com/workers/configuration/secrets/ (the format is dotenv's)
 */
import type { Binding } from '../protocol/deployment.ts';
import { configInvalid } from './faults.ts';

export const DEV_VARS = '.dev.vars';

const LINE =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*=[^\S\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\n]*)/gm;

/** Names and values, in the order of the text; of a name that is there twice the last counts. */
export function parseDevVars(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', raw = ''] of text.replace(/\r\n?/g, '\n').matchAll(LINE)) {
    const trimmed = raw.trim();
    const quote = /^(['"`])[\s\S]*\1$/.test(trimmed) && trimmed.length > 1 ? trimmed.charAt(0) : '';
    const bare = quote ? trimmed.slice(1, -1) : trimmed;
    found.set(name, quote === '"' ? bare.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : bare);
  }
  return found;
}

/** @throws SimulatorError `config_invalid` when a name is bound to something else */
export function withDevVars(bindings: readonly Binding[], text: string): Binding[] {
  const secrets = parseDevVars(text);
  for (const { type, name } of bindings) {
    if (type !== 'var' && secrets.has(name)) {
      throw configInvalid(`${DEV_VARS} sets "${name}", which another binding has taken.`);
    }
  }
  const vars = new Map<string, Binding>();
  for (const binding of bindings) if (binding.type === 'var') vars.set(binding.name, binding);
  for (const [name, value] of secrets) vars.set(name, { type: 'var', name, value });
  return [...vars.values(), ...bindings.filter(({ type }) => type !== 'var')];
}
