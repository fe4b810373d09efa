/** Queues and arrays, for tests. */
import { Queue } from '../../src/base/queue.ts';

export function listOf<T>({ first }: Queue<T>): T[] {
  const list: T[] = [];
  for (let node = first; node; node = node.next) list.push(node.value);
  return list;
}

export function queueOf<T>(list: readonly T[]): Queue<T> {
  const queue = new Queue<T>();
  for (const one of list) queue.append(one);
  return queue;
}
