import { nodeTimersProgram } from '../../programs/node-timers.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-02-10 the timers of the scope are numbers, also with Node.js compatibility.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({ OBJ: 'Obj' }), compatibility_date: '2026-02-09', compatibility_flags: ['nodejs_compat'] },
  program: nodeTimersProgram,
});
