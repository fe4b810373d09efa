import { describe, expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { advance } from '../../src/host/class-history.ts';
import { checkServices } from '../../src/host/service-bindings.ts';
import type { Binding } from '../../src/protocol/deployment.ts';

const worker = (name: string, exports: string[], bindings: Binding[] = [], unlistedClasses: string[] = []) => ({
  ...{ name, exports, bindings, unlistedClasses },
  ...{ migrations: [], lifecycle: [], unexported: [] },
});
const service = (target: string, entrypoint?: string): Binding => ({
  ...{ type: 'service', name: 'S', service: target },
  ...(entrypoint === undefined ? {} : { entrypoint }),
});

function check(...scripts: ReturnType<typeof worker>[]): string | undefined {
  try {
    checkServices(scripts, advance(scripts, undefined));
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(SimulatorError);
    expect((error as SimulatorError).code).toBe('config_invalid');
    return (error as SimulatorError).message;
  }
}

const b = worker('b', ['Named', 'default']);

describe('service bindings', () => {
  test('to what is there pass: another Worker, its entrypoints, the Worker itself', () => {
    const bindings = [service('b'), service('b', 'Named'), service('a'), service('a', 'Own')];
    for (const binding of bindings) expect(check(worker('a', ['Own', 'default'], [binding]), b)).toBeUndefined();
  });

  test.each([
    [
      service('c'),
      'The service binding S of "a" names the Worker "c", which is not among the Workers: a, b. Add it to "workers".',
    ],
    [
      service('b', 'named'),
      'The service binding S of "a" names the entrypoint named, which "b" does not export. It exports Named, default.',
    ],
  ])('to what is not there are refused: %o', (binding, sentence) => {
    expect(check(worker('a', ['default'], [binding]), b)).toBe(sentence);
  });

  test('to a Worker without a default export are refused', () => {
    expect(check(worker('a', ['default'], [service('b')]), worker('b', ['One', 'Two']))).toBe(
      'The service binding S of "a" names "b", which has no default export: give it one, or name one of its exports as "entrypoint": One, Two.',
    );
  });

  test('to a Durable Object class are refused', () => {
    const withClass = worker('b', ['Obj', 'default'], [], ['Obj']);
    expect(check(worker('a', ['default'], [service('b', 'Obj')]), withClass)).toBe(
      'The service binding S of "a" names Obj of "b", which is a Durable Object class: bind it under "durable_objects" instead.',
    );
  });
});
