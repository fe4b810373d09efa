/**
 * What the scripts of the realms do while they are evaluated, before they hear of anything.
 *
 * An error that is made then makes V8 look for its place where a debugger listens, and parse the whole script again for
 * that: a third of what an isolate costs to start, in each test and for everybody whose developer tools are open.
 */
import { expect, it } from 'vitest';
import { loadRealms, realmText } from '../../src/spawn.ts';

/** Tells of each error that the script behind it makes, then that it is through. */
const WATCH = `
const made = [];
for (const name of ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'DOMException']) {
  self[name] = new Proxy(self[name], {
    construct: (target, given, as) => (made.push(name + ': ' + given[0]), Reflect.construct(target, given, as)),
    apply: (target, self_, given) => (made.push(name + ': ' + given[0]), Reflect.apply(target, self_, given)),
  });
}
`;

it('an isolate makes no error while its script is evaluated', async () => {
  const realms = await loadRealms();
  const text = `const tell = self.postMessage.bind(self);${WATCH}${await realmText(realms.isolate)};tell(made);`;
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module' });
  const made = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.terminate();
  URL.revokeObjectURL(url);
  expect(made).toEqual([]);
});

it('a realm that is not there is an error of the worker that was to start from it', async () => {
  const { starter } = await loadRealms();
  const worker = new Worker(`${starter?.url}#missing.worker.js`, { type: 'module' });
  const said = await new Promise<string>((resolve, reject) => {
    worker.onmessage = () => reject(new Error('It has started.'));
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
  });
  worker.terminate();
  expect(said).toContain('missing.worker.js');
});
