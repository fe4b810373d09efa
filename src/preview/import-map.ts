/**
 * Where specifiers lead, by the import maps of a page.
 *
 * Promise: resolves as the HTML standard does: scopes that hold the importing module first, longest first, then
 * `imports`; an exact key before the longest one that ends in a slash; else a URL, absolute or relative. Of several maps
 * the earlier one holds.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#resolve-a-module-specifier
 */

type Addresses = ReadonlyMap<string, string | undefined>;

interface ParsedMap {
  readonly imports: Addresses;
  readonly scopes: readonly (readonly [prefix: string, addresses: Addresses])[];
}

export class ImportMaps {
  readonly #maps: ParsedMap[] = [];

  /** What is wrong with it, as a sentence; undefined when it is taken. */
  add(text: string, base: string): string | undefined {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      return `An import map is no JSON: ${String(error)}`;
    }
    if (!isRecord(parsed)) return 'An import map is no object.';
    const { imports, scopes } = parsed;
    const scoped = Object.entries(isRecord(scopes) ? scopes : {}).flatMap(([prefix, addresses]) => {
      const url = asUrl(prefix, base, true);
      return url === undefined ? [] : [[url, addressesOf(addresses, base)] as const];
    });
    this.#maps.push({
      imports: addressesOf(imports, base),
      scopes: scoped.sort(([one], [other]) => (one < other ? 1 : -1)),
    });
    return undefined;
  }

  /** Absolute; undefined for what leads nowhere. */
  resolve(specifier: string, base: string): string | undefined {
    const url = asUrl(specifier, base, false);
    const key = url ?? specifier;
    for (const { imports, scopes } of this.#maps) {
      for (const [prefix, addresses] of scopes) {
        if (prefix !== base && !(prefix.endsWith('/') && base.startsWith(prefix))) continue;
        const found = lookUp(key, addresses);
        if (found) return found.url;
      }
      const found = lookUp(key, imports);
      if (found) return found.url;
    }
    return url;
  }
}

function lookUp(key: string, addresses: Addresses): { url: string | undefined } | undefined {
  if (addresses.has(key)) return { url: addresses.get(key) };
  let longest = '';
  for (const prefix of addresses.keys()) {
    if (prefix.endsWith('/') && key.startsWith(prefix) && prefix.length > longest.length) longest = prefix;
  }
  if (longest === '') return undefined;
  const target = addresses.get(longest);
  const rest = key.slice(longest.length);
  return { url: target !== undefined && URL.canParse(rest, target) ? new URL(rest, target).href : undefined };
}

function addressesOf(value: unknown, base: string): Addresses {
  const addresses = new Map<string, string | undefined>();
  for (const [key, target] of Object.entries(isRecord(value) ? value : {})) {
    if (key === '') continue;
    const url = typeof target === 'string' ? asUrl(target, base, false) : undefined;
    addresses.set(asUrl(key, base, false) ?? key, url);
  }
  return addresses;
}

/** @param isAnyRelative  takes `a/b` for a path, which a specifier is not */
function asUrl(text: string, base: string, isAnyRelative: boolean): string | undefined {
  if (isAnyRelative || /^\.{0,2}\//.test(text)) return URL.canParse(text, base) ? new URL(text, base).href : undefined;
  return URL.canParse(text) ? new URL(text).href : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
