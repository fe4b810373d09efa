// One entry for each change of the schema that was ever made. Add new
// ones at the end; an object that wakes up runs those it has not had.
const MIGRATIONS = [
  `CREATE TABLE accounts (
     owner   TEXT PRIMARY KEY,
     balance INTEGER NOT NULL CHECK (balance >= 0) -- cents
   );
   INSERT INTO accounts VALUES ('Ada', 10000), ('Ben', 2500), ('Cleo', 0);`,

  `CREATE TABLE transfers (
     id     INTEGER PRIMARY KEY,
     payer  TEXT NOT NULL REFERENCES accounts (owner),
     payee  TEXT NOT NULL REFERENCES accounts (owner),
     amount INTEGER NOT NULL CHECK (amount > 0),
     made   TEXT NOT NULL DEFAULT (datetime('now'))
   );
   CREATE INDEX transfers_by_payer ON transfers (payer);`,

  `CREATE VIEW statements AS
     SELECT owner, balance / 100.0 AS euros, count(id) AS transfers
     FROM accounts LEFT JOIN transfers ON owner IN (payer, payee)
     GROUP BY owner;`,
];

export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  sql.exec('CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)');
  const { done } = sql.exec<{ done: number }>('SELECT count(*) AS done FROM migrations').one();
  for (const [version, statements] of MIGRATIONS.entries()) {
    if (version < done) continue;
    // The change and the note that it was made: both or neither.
    storage.transactionSync(() => {
      sql.exec(statements);
      sql.exec('INSERT INTO migrations VALUES (?)', version);
    });
  }
}
