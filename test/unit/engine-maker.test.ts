/** One engine after another in a realm, as an isolate has them that lends its place to others. */
import { expect, test } from 'vitest';
import { resolveLimits } from '../../src/protocol/limits.ts';
import { Database } from '../../src/storage/database.ts';
import { loadEngineMaker } from '../../src/storage/engine.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';
import { sqlJsModule } from '../support/storage.ts';

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
