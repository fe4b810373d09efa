/** What the threads of a machine are told of an instance that ended. */
import { expect, test } from 'vitest';
import { tellEnded } from '../../src/host/neighbours.ts';
import type { ToIsolate } from '../../src/protocol/control.ts';
import type { EndpointId } from '../../src/protocol/names.ts';

function heard(hasSlept: boolean): unknown[] {
  const told: unknown[] = [];
  const isolate = { post: (message: ToIsolate) => void told.push(message) };
  tellEnded({ endpoint: 'ended' as EndpointId, hasSlept }, undefined, {
    tell: (event) => void told.push(event),
    containers: () => [{ isolate }],
    sockets: { gone: (endpoint) => void told.push(endpoint) },
  });
  return told;
}

test('everybody hears of one that died; one that ended in good order has told its peers itself', () => {
  const gone = { endpoint: 'ended', error: undefined };
  expect(heard(false)).toEqual(['ended', { e: 'gone', ...gone }, { c: 'gone', ...gone }]);
  expect(heard(true)).toEqual([]);
});
