/** One engine after another in a realm, as an isolate has them that lends its place to others. */
import { expect, test } from 'vitest';
import { resolveLimits } from '../../src/protocol/limits.ts';
import { Database } from '../../src/storage/database.ts';
import { loadEngineMaker } from '../../src/storage/engine.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';
import { sqlJsModule } from '../support/storage.ts';

/** Needs more memory than an engine begins with: JavaScript of sql.js is called to make it larger. */
const GROWS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
  SELECT max(b) FROM (SELECT i, zeroblob(200) AS b FROM n ORDER BY i % 1000, i)`;

test('the first engine, whose calls of JavaScript are watched while it starts, calls nothing of a program when it grows later', async () => {
  const engine = (await loadEngineMaker({ wasm: await sqlJsModule() })).make();
  const database = new Database({ engine, file: new PageFile(), limits: resolveLimits('workerd') });
  const grow = database.prepareOwn(GROWS);
  const { prototype } = Array;
  const before = [prototype.push, prototype[Symbol.iterator]] as const;
  let calls = 0;
  const refuse = () => {
    calls++;
    throw new Error('a built-in of the program was called');
  };
  Object.assign(prototype, { push: refuse, [Symbol.iterator]: refuse });
  try {
    database.step(grow);
  } finally {
    Object.assign(prototype, { push: before[0], [Symbol.iterator]: before[1] });
  }
  expect(calls).toBe(0);
  grow.finalize();
  database.close();
  engine.close();
});

test('a closed engine is followed by another at once, also where the program has broken every built-in', async () => {
  const maker = await loadEngineMaker({ wasm: await sqlJsModule() });
  let engine = maker.make();
  let madeCount = 0;
  const database = new Database({
    engine,
    file: new PageFile(),
    limits: resolveLimits('workerd'),
    onNeeded: () => {
      engine = maker.make();
      madeCount++;
      database.resume(engine);
    },
  });
  database.run('CREATE TABLE t(a)');
  database.run('INSERT INTO t VALUES (1)');
  expect(() => maker.make()).toThrow('one engine in a realm');
  withBrokenBuiltIns(() => {
    for (let i = 0; i < 3; i++) {
      database.suspend();
      engine.close();
      database.run('INSERT INTO t VALUES (2)');
    }
  });
  expect(madeCount).toBe(3);
  const sum = database.internal('SELECT sum(a) FROM t');
  database.step(sum);
  expect(sum.columnNumber(0)).toBe(7);
  database.close();
  engine.close();
});
