/** A stub is refused once every request that may have made it is over. */
import { expect, test } from 'vitest';
import { RequestContexts } from '../../src/isolate/request-contexts.ts';

test('what one request made belongs to it until it is over', () => {
  const contexts = new RequestContexts();
  const request = contexts.begin();
  const isForeign = contexts.bind();
  contexts.sweep();
  expect(isForeign(), 'it runs').toBe(false);
  request.release();
  expect(isForeign(), 'its body may still be read').toBe(false);
  contexts.sweep();
  expect(isForeign()).toBe(true);
});

test('a request goes on for as long as its waitUntil promises', () => {
  const contexts = new RequestContexts();
  const request = contexts.begin();
  const isForeign = contexts.bind();
  request.hold();
  request.release();
  contexts.sweep();
  expect(isForeign()).toBe(false);
  request.release();
  contexts.sweep();
  expect(isForeign()).toBe(true);
});

test('what was made while several ran belongs to all of them, and never to a later one', () => {
  const contexts = new RequestContexts();
  const [one, two] = [contexts.begin(), contexts.begin()];
  const isForeign = contexts.bind();
  one.release();
  contexts.sweep();
  expect(isForeign()).toBe(false);
  contexts.begin();
  two.release();
  contexts.sweep();
  expect(isForeign()).toBe(true);
});

test('what was made outside of a request is nobody’s', () => {
  const contexts = new RequestContexts();
  const isForeign = contexts.bind();
  contexts.begin().release();
  contexts.sweep();
  expect(isForeign()).toBe(false);
});
