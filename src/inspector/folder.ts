/**
 * A folder of stored objects, as `wrangler dev` keeps it at `.wrangler/state/v3/do`, in a zip.
 *
 *     do/<worker>-<Class>/<64 hex digits>.sqlite       one object
 *                         <64 hex digits>.sqlite-wal   the newest of it, which workerd leaves here
 *                         <64 hex digits>.facets       which facets it has, and their databases beside it (facet-files)
 *                         metadata.sqlite              whom to wake when, and the names of those
 *
 * Promise: a zip is judged whole before anything of it is used: every database in it is one that an object of this account
 * can go on with. What is written is what workerd reads.
 */
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import type { CheckedFile } from '../protocol/edits.ts';
import { IdFactory } from '../protocol/ids.ts';
import type { CheckedFolder, FacetPath, FolderObject, InspectedFacet } from '../protocol/inspection.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { FILE_BYTES_MAX } from '../storage/sqlite-file.ts';
import { joinFacets, readIndex, writeIndex } from './facet-files.ts';
import type { Files } from './files.ts';
import { readZip, ZipWriter } from './zip.ts';

const ROOT = 'do';
/** `<where it is>/<unique key>/<file>` */
const OBJECT_FILE = /^(?:.*\/)?([^/]+)\/([^/.]+)\.sqlite$/;
/** the same of a facet, with its number */
const FACET_FILE = /^((?:.*\/)?([^/]+)\/([^/.]+))\.(\d+)\.sqlite$/;
const INDEX_FILE = /^(?:.*\/)?([^/]+)\/([^/.]+)\.facets$/;
const METADATA = 'metadata';
const ID = /^[0-9a-f]{64}$/;

/** Where the content of a folder comes from. */
export interface FolderSource {
  facets(object: FolderObject): Promise<readonly InspectedFacet[]>;
  content(object: FolderObject, facet: FacetPath): Promise<CheckedFile>;
}

/** Packs what each object and its facets have stored, and what workerd keeps beside them. */
export async function packFolder(
  objects: readonly FolderObject[],
  files: Files,
  source: FolderSource,
): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new ZipWriter();
  const alarms = new Map<UniqueKey, { id: string; name: string | undefined; alarm: number }[]>();
  for (const object of objects) {
    const { namespace, id, name } = object;
    const { bytes, alarm } = await source.content(object, []);
    zip.add(`${ROOT}/${namespace}/${id}.sqlite`, bytes);
    const facets = (await source.facets(object)).map(({ facet }) => facet);
    if (facets.length > 0) zip.add(`${ROOT}/${namespace}/${id}.facets`, writeIndex(facets));
    for (const [i, facet] of facets.entries()) {
      zip.add(`${ROOT}/${namespace}/${id}.${i + 1}.sqlite`, (await source.content(object, facet)).bytes);
    }
    const known = alarms.get(namespace) ?? [];
    alarms.set(namespace, known);
    if (alarm !== null) known.push({ id, name, alarm });
  }
  for (const [namespace, known] of alarms) {
    zip.add(`${ROOT}/${namespace}/${METADATA}.sqlite`, files.alarmTable(known));
  }
  return zip.finish();
}

/**
 * Unpacks a folder and checks all of it.
 *
 * @param namespaces  those of the account; objects of others are skipped
 * @throws SimulatorError `file_invalid`
 */
export function unpackFolder(zip: Uint8Array, namespaces: readonly UniqueKey[], files: Files): CheckedFolder {
  const known = new Map(namespaces.map((key) => [key as string, new IdFactory(key)]));
  const strangers = new Set<string>();
  const isWanted = (path: string): boolean => {
    const whole = path.replace(/-wal$/, '');
    const [, namespace = '', file = ''] =
      OBJECT_FILE.exec(whole) ?? INDEX_FILE.exec(whole) ?? FACET_FILE.exec(whole)?.slice(1) ?? [];
    if (!ID.test(file) && file !== METADATA) return false;
    if (isElsewhere(path)) return false;
    if (known.has(namespace)) return true;
    strangers.add(namespace);
    return false;
  };
  const { files: found, others } = readZip({ zip, wants: isWanted, bytesMax: FILE_BYTES_MAX });
  const names = new Map<string, string>();
  const objects: (FolderObject & CheckedFile)[] = [];
  for (const [path, bytes] of inOrder(found)) {
    const [, namespace = '', id = ''] = OBJECT_FILE.exec(path) ?? [];
    const file = { bytes, wal: found.get(`${path}-wal`) };
    if (id === METADATA) {
      const ids = known.get(namespace);
      for (const [object, name] of named(path, () => files.namesIn(file))) {
        if (ids?.fromName(name) === object) names.set(`${namespace}/${object}`, name);
      }
      continue;
    }
    named(path, () => mustBelong(known.get(namespace), id));
    const own = named(path, () => files.check(file));
    const checked = { ...own, bytes: withFacets(path.slice(0, -'.sqlite'.length), own.bytes, found, files) };
    if (objects.some((one) => one.namespace === namespace && one.id === id)) {
      throw new SimulatorError('file_invalid', `The zip holds the object ${namespace}/${id} twice.`);
    }
    objects.push({ namespace: namespace as UniqueKey, id, name: undefined, ...checked });
  }
  if (objects.length === 0) throw nothingFound(strangers, namespaces);
  const withNames = objects.map((object) => ({ ...object, name: names.get(`${object.namespace}/${object.id}`) }));
  return { objects: withNames, skipped: others.filter((path) => !path.endsWith('-shm')) };
}

/** An object's database with those of its facets. @throws SimulatorError `file_invalid` */
function withFacets(
  stem: string,
  object: CheckedFile['bytes'],
  found: ReadonlyMap<string, Uint8Array>,
  files: Files,
): CheckedFile['bytes'] {
  const numbered = [...found.keys()].filter((path) => FACET_FILE.exec(path)?.[1] === stem);
  if (numbered.length === 0) return object;
  const indexPath = `${stem}.facets`;
  const index = found.get(indexPath);
  if (!index) {
    throw new SimulatorError('file_invalid', `${numbered[0]} is the database of a facet; which one says ${indexPath}.`);
  }
  const names = named(indexPath, () => readIndex(index));
  const facets = numbered.map((path) => {
    const number = Number(FACET_FILE.exec(path)?.[4]);
    const name = names[number - 1];
    if (!name) throw new SimulatorError('file_invalid', `${path}: ${indexPath} names no facet ${number}.`);
    const file = { bytes: found.get(path) as Uint8Array, wal: found.get(`${path}-wal`) };
    return { path: name, bytes: named(path, () => files.check(file)).bytes };
  });
  return joinFacets(object, facets);
}

/** State of other products lies beside the objects': `cache/miniflare-CacheObject/…`, `d1/…`. */
function isElsewhere(path: string): boolean {
  return /(^|\/)(cache|d1|kv|r2|workflows|queues|analytics-engine|email|images|secrets-store)\/[^/]+\/[^/]+$/.test(
    path,
  );
}

/** Databases without their logs, those that name objects first. */
function inOrder(found: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...found].filter(([path]) => OBJECT_FILE.test(path)).sort(([a], [b]) => (a < b ? -1 : 1));
}

function mustBelong(ids: IdFactory | undefined, id: string): void {
  try {
    ids?.fromString(id);
  } catch (cause) {
    throw new SimulatorError(
      'file_invalid',
      'No object of this class has such an id; is the Worker another one, or renamed?',
      {
        cause,
      },
    );
  }
}

/** Says of which file a sentence is. */
function named<T>(path: string, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!isSimulatorError(error, 'file_invalid')) throw error;
    throw new SimulatorError('file_invalid', `${path}: ${error.message}`, { cause: error });
  }
}

function nothingFound(strangers: ReadonlySet<string>, namespaces: readonly UniqueKey[]): SimulatorError {
  const expected = namespaces.length > 0 ? namespaces.join(', ') : 'none, because nothing is deployed';
  return new SimulatorError(
    'file_invalid',
    strangers.size > 0
      ? `The zip holds objects of ${[...strangers].join(', ')} only; this account has the classes ${expected}.`
      : `There are no stored objects in the zip: they are expected as <worker>-<Class>/<64 hex digits>.sqlite, as in .wrangler/state/v3/do.`,
  );
}
