import { expect, test } from 'vitest';
import { parseDevVars, withDevVars } from '../../src/bundler/dev-vars.ts';
import { openProject } from '../../src/bundler/project.ts';

test.each([
  ['A=1\nB=two words \n', { A: '1', B: 'two words' }],
  ['# a comment\n\n  export A = x # and another\nB=', { A: 'x', B: '' }],
  ['A="  kept # as it is  "\nB=\'it\\n\'\nC=`a "b" \'c\'`', { A: '  kept # as it is  ', B: 'it\\n', C: 'a "b" \'c\'' }],
  ['A="one\\ntwo"\r\nB="over\ntwo lines"\r\nC=3', { A: 'one\ntwo', B: 'over\ntwo lines', C: '3' }],
  ['A=1\nA=2\nnothing\n=3\nB=a=b', { A: '2', B: 'a=b' }],
  ['A="', { A: '"' }],
])('a .dev.vars of %j', (text, expected) => {
  expect(Object.fromEntries(parseDevVars(text))).toEqual(expected);
});

test('secrets take the place of vars, come before other bindings, and take no name of theirs', () => {
  const service = { type: 'service', name: 'S', service: 's' } as const;
  const bindings = [{ type: 'var', name: 'A', value: 1 }, { type: 'var', name: 'B', value: [2] }, service] as const;
  expect(withDevVars(bindings, 'B=secret\nC=more')).toEqual([
    { type: 'var', name: 'A', value: 1 },
    { type: 'var', name: 'B', value: 'secret' },
    { type: 'var', name: 'C', value: 'more' },
    service,
  ]);
  expect(() => withDevVars(bindings, 'S=x')).toThrow('.dev.vars sets "S", which another binding has taken.');
});

test('a project with a .dev.vars has its secrets', () => {
  const modules = { 'index.js': 'export default {}', '.dev.vars': 'TOKEN="t 1"' };
  const { config } = openProject({ modules, config: { vars: { A: 'a' } } });
  expect(config.bindings).toEqual([
    { type: 'var', name: 'A', value: 'a' },
    { type: 'var', name: 'TOKEN', value: 't 1' },
  ]);
});
