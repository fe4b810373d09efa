/** Changes to what an object has stored that are made from outside its program, and what they carry. */

export type SqlBinding = string | number | null | Uint8Array;

export type ObjectEdit =
  /** `value` as storage keeps it */
  | { readonly e: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly e: 'delete'; readonly key: string }
  /** SQL as the program itself may run it; all of it or nothing */
  | { readonly e: 'exec'; readonly sql: string; readonly bindings: readonly SqlBinding[] }
  /** everything at once; only while the object has no instance, and the last thing that its storage is asked */
  | ({ readonly e: 'replace' } & CheckedFile);

export interface EditResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null | ArrayBuffer)[])[];
  readonly rowsWritten: number;
}

/** A database that was checked: whole pages, nothing beside them, in a buffer of its own. */
export interface CheckedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** the alarm that is kept in it, milliseconds since 1970 */
  readonly alarm: number | null;
}
