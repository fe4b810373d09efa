/**
 * The console of a program: what it says goes to the trace as text and to the browser's console as it is.
 *
 * Promise: a call to the console never throws and never runs code of the program's (but a Proxy's traps). Members and
 * their order are workerd's. Unhandled rejections and uncaught errors are not heard here: their owner formats them by
 * `formatLogArgs`.
 */
import { objectDefineProperty } from '../base/primordials.ts';
import { formatLogArgs, inspect } from './log-format.ts';
import { named } from './native-shape.ts';

export type LogLevel = 'debug' | 'info' | 'log' | 'warn' | 'error';

export interface LogEntry {
  readonly level: LogLevel;
  /** one text for each thing that was logged */
  readonly args: readonly string[];
}

export interface ConsoleOptions {
  /** the browser's */
  real: Pick<Console, LogLevel>;
  /** the object's name, put before everything in the browser's console; asked for when something is logged */
  prefix(): string;
  onLog(entry: LogEntry): void;
  /** milliseconds, for `console.time` */
  now(): number;
}

type Method = (...args: unknown[]) => void;

/** Makes the object that stands as `console` in the program's global scope. */
export function captureConsole(options: ConsoleOptions): Console {
  const say = sayer(options);
  const quiet: Method = () => {};
  const members: Record<string, Method | undefined> = {
    ...Object.fromEntries(MEMBERS.map((name) => [name, undefined])),
    ...Object.fromEntries(LEVELS.map((level) => [level, (...args: unknown[]) => say(level, args)])),
    ...counters(say),
    ...timers(say, options.now),
    dir: (value) => say('log', [value]),
    dirxml: (...args) => say('log', args),
    table: (...args) => say('log', args),
    trace: (...args) => say('debug', [...(args.length > 0 ? args : ['Trace']), stackText()]),
    assert: (condition, ...args) => {
      if (!condition)
        say(
          'error',
          typeof args[0] === 'string'
            ? [`Assertion failed: ${args[0]}`, ...args.slice(1)]
            : ['Assertion failed', ...args],
        );
    },
    group: (...args) => say('log', args),
    groupCollapsed: (...args) => say('log', args),
  };
  const made: object = {};
  for (const name of Object.keys(members)) {
    const value = named(name, members[name] ?? quiet);
    objectDefineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  }
  objectDefineProperty(made, Symbol.toStringTag, { value: 'console', configurable: true });
  return made as Console;
}

const LEVELS = ['debug', 'error', 'info', 'log', 'warn'] as const;
/** workerd's, in its order; those that nothing is done for stay silent */
const MEMBERS = [
  ...LEVELS,
  ...[
    'dir',
    'dirxml',
    'table',
    'trace',
    'group',
    'groupCollapsed',
    'groupEnd',
    'clear',
    'count',
    'countReset',
    'assert',
  ],
  ...['profile', 'profileEnd', 'time', 'timeLog', 'timeEnd', 'timeStamp', 'context'],
];

type Say = (level: LogLevel, args: readonly unknown[]) => void;

function sayer({ real, prefix, onLog }: ConsoleOptions): Say {
  // Taken now: the program may patch the browser's console as well.
  const methods = Object.fromEntries(LEVELS.map((level) => [level, real[level].bind(real)])) as Record<
    LogLevel,
    Method
  >;
  return (level, args) => {
    onLog({ level, args: formatLogArgs(args) });
    // A format string must stay the first argument for the browser to see it.
    if (typeof args[0] === 'string') methods[level](`[${prefix()}] ${args[0]}`, ...args.slice(1));
    else methods[level](`[${prefix()}]`, ...args);
  };
}

function labelOf(label: unknown): string {
  return label === undefined ? 'default' : typeof label === 'string' ? label : inspect(label);
}

function counters(say: Say): Record<string, Method> {
  const counts = new Map<string, number>();
  return {
    count(label) {
      const count = (counts.get(labelOf(label)) ?? 0) + 1;
      counts.set(labelOf(label), count);
      say('log', [`${labelOf(label)}: ${count}`]);
    },
    countReset(label) {
      if (!counts.delete(labelOf(label))) say('warn', [`Count for '${labelOf(label)}' does not exist`]);
    },
  };
}

function timers(say: Say, now: () => number): Record<string, Method> {
  const started = new Map<string, number>();
  const tell = (label: unknown, rest: readonly unknown[]): void => {
    const since = started.get(labelOf(label));
    if (since === undefined) say('warn', [`Timer '${labelOf(label)}' does not exist`]);
    else say('log', [`${labelOf(label)}: ${now() - since} ms`, ...rest]);
  };
  return {
    time(label) {
      if (started.has(labelOf(label))) say('warn', [`Timer '${labelOf(label)}' already exists`]);
      else started.set(labelOf(label), now());
    },
    timeLog: (label, ...rest) => tell(label, rest),
    timeEnd(label) {
      tell(label, []);
      started.delete(labelOf(label));
    },
  };
}

function stackText(): string {
  const { stack = '' } = new Error();
  // The first lines are the error's head and our own frames.
  return stack.split('\n').slice(4).join('\n');
}
