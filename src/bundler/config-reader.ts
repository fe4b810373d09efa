/**
 * Reads checked values out of a config.
 *
 * Promise: what it returns has the type that it says; anything else ends in `config_invalid`, in one sentence that names
 * the field by its whole path (`durable_objects.bindings[0].class_name`) and, where the text tells, its line.
 * Knows no key of wrangler's.
 */
import type { SimulatorError } from '../base/errors.ts';
import { type ConfigPath, type ConfigSource, isRecord } from './config-text.ts';
import { configInvalid, nearest } from './faults.ts';

export class ConfigReader {
  readonly warnings: string[] = [];
  readonly #source: ConfigSource;

  constructor(source: ConfigSource) {
    this.#source = source;
  }

  /** The fault of the field at `path`; `rest` ends the sentence that the field's name begins, all but the full stop. */
  fault(path: ConfigPath, rest: string): SimulatorError {
    const place = this.#source.locate(path);
    return configInvalid(`${place ? '' : `${this.#source.label}: `}"${fieldName(path)}" ${rest}.`, place);
  }

  warn(path: ConfigPath, rest: string): void {
    this.warnings.push(`${this.#source.label}: "${fieldName(path)}" ${rest}${rest.endsWith('?') ? '' : '.'}`);
  }

  /** The field at `path` inside the config's value; undefined when it is missing. */
  get(path: ConfigPath): unknown {
    let value: unknown = this.#source.value;
    for (const part of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string | number, unknown>)[part];
    }
    return value;
  }

  has(path: ConfigPath): boolean {
    return this.get(path) !== undefined;
  }

  string(path: ConfigPath): string {
    const value = this.get(path);
    if (typeof value === 'string' && value !== '') return value;
    throw this.fault(path, value === undefined ? 'is missing' : 'must be a string with something in it');
  }

  optionalString(path: ConfigPath): string | undefined {
    return this.has(path) ? this.string(path) : undefined;
  }

  /** A missing list is an empty one. */
  strings(path: ConfigPath): string[] {
    return this.paths(path).map((item) => this.string(item));
  }

  /** The paths of a list's items; a missing list is an empty one. */
  paths(path: ConfigPath): ConfigPath[] {
    const value = this.get(path);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.fault(path, 'must be a list');
    return value.map((_, index) => [...path, index]);
  }

  /** The keys of a table; a missing one is empty. */
  keys(path: ConfigPath): string[] {
    const value = this.get(path);
    if (value === undefined) return [];
    if (!isRecord(value)) throw this.fault(path, 'must be an object');
    return Object.keys(value);
  }

  /** Warns of the keys of the table at `path` that are not `known`. */
  expectKeys(path: ConfigPath, known: readonly string[]): void {
    for (const key of this.keys(path)) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      this.warn(
        [...path, key],
        meant ? `is not a known key, did you mean "${meant}"?` : 'is not a known key and is ignored',
      );
    }
  }
}

function fieldName(path: ConfigPath): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? part : `${name}.${part}`;
  }, '');
}
