import { nodeTimersProgram } from '../../programs/node-timers.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'From 2026-02-10 the timers of a scope with Node.js compatibility are objects.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({ OBJ: 'Obj' }), compatibility_date: '2026-02-10', compatibility_flags: ['nodejs_compat'] },
  program: nodeTimersProgram,
});
