/**
 * What a page asks of its inspector, the worker that reads stored objects and judges files.
 *
 * Promise: plain data; stored values travel as the bytes they are, and whoever shows them decodes them.
 */
import type { EngineParts, StorageMode } from './control.ts';
import type { CheckedFile, SqlBinding } from './edits.ts';
import type { Account, ObjectAddress, UniqueKey } from './names.ts';

/** A cell as SQLite keeps it. Integers that a number does not hold exactly are bigints. */
export type InspectedValue = string | number | bigint | null | Uint8Array<ArrayBuffer>;

/** Which state of an object: the present one, or an earlier one that is still kept. */
export interface AtMoment {
  readonly at?: PointInTime | undefined;
  /** the names that lead to one of its facets; default: what the object itself has stored */
  readonly facet?: FacetPath | undefined;
}

/** Names of facets, each under the one before it; the first is one of the object's own. */
export type FacetPath = readonly string[];

/** A facet that has stored something, or is above one that has. */
export interface InspectedFacet {
  readonly facet: FacetPath;
  /** of its database */
  readonly sizeBytes: number;
}

/** A point of `moments()`, a time, or a bookmark as the object's program has it: what was stored then; default: now. */
export type PointInTime = number | Date | string;

/** One point of an object's history. */
export interface InspectedPoint {
  /** names it, counts up; for `at` */
  readonly at: number;
  /** names it in the object's own program: `ctx.storage.onNextSessionRestoreBookmark(bookmark)` */
  readonly bookmark: string;
  /** milliseconds since 1970; undefined for the empty state before everything */
  readonly timeMs: number | undefined;
}

/** What was stored after one commit. */
export interface InspectedMoment extends InspectedPoint {
  readonly timeMs: number;
  /** how many pages of 4 KiB the commit changed; 0: the object was opened, and nothing changed */
  readonly pages: number;
}

export interface InspectedHistory {
  /** the oldest state that can be looked at */
  readonly oldest: InspectedPoint;
  readonly now: InspectedPoint & { readonly timeMs: number };
  /** after the oldest, up to now */
  readonly moments: readonly InspectedMoment[];
}

export interface EntryRange extends AtMoment {
  /** only keys that begin with it */
  readonly prefix?: string | undefined;
  /** only keys after this one: the last of the page before */
  readonly after?: string | undefined;
  /** so many at most; default 1,000 */
  readonly limit?: number | undefined;
}

export interface StoredRow {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface InspectedColumn {
  readonly name: string;
  /** as declared, '' when it is not */
  readonly type: string;
  readonly isPrimaryKey: boolean;
  readonly isNullable: boolean;
  /** SQL text; undefined when there is none */
  readonly default: string | undefined;
}

/** A table or a view. */
export interface InspectedTable {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'virtual';
  /** true for what the platform keeps for itself (`_cf_KV` and others that begin with `_cf_`) */
  readonly isPlatform: boolean;
  /** the statement that made it */
  readonly sql: string;
  readonly columns: readonly InspectedColumn[];
  /** names and statements of its indexes and triggers; `sql` is '' for an index that a constraint brings along */
  readonly parts: readonly { readonly kind: 'index' | 'trigger'; readonly name: string; readonly sql: string }[];
  /** undefined unless it was asked for, and for what cannot be counted */
  readonly rowCount: number | undefined;
}

export interface QueryOrder extends AtMoment {
  readonly sql: string;
  readonly bindings: readonly SqlBinding[];
  /** rows at most */
  readonly limit: number;
}

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly InspectedValue[])[];
  /** false when there are more rows than were asked for, or than fit */
  readonly isComplete: boolean;
}

/** One object of a folder of state. */
export interface FolderObject {
  readonly namespace: UniqueKey;
  readonly id: string;
  readonly name: string | undefined;
}

export interface CheckedFolder {
  readonly objects: readonly (FolderObject & CheckedFile)[];
  /** paths that belong to none of them */
  readonly skipped: readonly string[];
}

export interface InspectorOpening {
  readonly account: Account;
  readonly storage: StorageMode;
  readonly engine: EngineParts;
}

/** What an inspector does for its page. It writes nothing, takes no lease and wakes nobody. */
export interface InspectorControl {
  /** @param stores  memory mode: leads to the host, where the stores live */
  open(opening: InspectorOpening, stores: MessagePort | undefined): Promise<void>;
  entries(object: ObjectAddress, range: EntryRange): Promise<StoredRow[]>;
  keys(object: ObjectAddress, range: EntryRange): Promise<string[]>;
  tables(object: ObjectAddress, options: AtMoment & { readonly counts: boolean }): Promise<InspectedTable[]>;
  query(object: ObjectAddress, order: QueryOrder): Promise<QueryResult>;
  /** whoever is above another comes before it */
  facets(object: ObjectAddress, at: PointInTime | undefined): Promise<InspectedFacet[]>;
  /** undefined for an object that was never stored */
  moments(object: ObjectAddress, limit: number): Promise<InspectedHistory | undefined>;
  exportFile(object: ObjectAddress, options: AtMoment): Promise<Uint8Array<ArrayBuffer>>;
  exportFolder(objects: readonly FolderObject[]): Promise<Uint8Array<ArrayBuffer>>;
  checkFile(bytes: Uint8Array, wal: Uint8Array | undefined): Promise<CheckedFile>;
  /** @param namespaces  those that the account has */
  checkFolder(zip: Uint8Array, namespaces: readonly UniqueKey[]): Promise<CheckedFolder>;
}
