/** The account in which a program tries to get out of its isolate: who plays it says where the library's files are. */
import PROGRAM from './programs/isolation-program.js?raw';
import SPY from './programs/isolation-spy.js?raw';
import WAYS_TEXT from './programs/isolation-ways.js?raw';

export { SPY, WAYS_TEXT };

export const ISOLATION_MODULES = { 'index.js': PROGRAM, 'isolation-ways.js': WAYS_TEXT, 'isolation-spy.js': SPY };

export const ISOLATION_CONFIG = {
  name: 'prison',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: {
    bindings: [
      { name: 'PRISONERS', class_name: 'Prisoner' },
      { name: 'PEERS', class_name: 'Peer' },
    ],
  },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Prisoner', 'Peer'] }],
};

/** The ways in which something may come by where a link is opened by a channel and not by a port. */
export const OVER_CHANNELS = /Map|Set$|promises|then|options|Event|arrays|names of events|proxies/;
