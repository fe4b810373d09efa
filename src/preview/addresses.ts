/**
 * Which attributes of which elements are addresses of something that the browser would load.
 *
 * Promise: a table and what reads it; nothing is fetched here.
 */
import type { Role } from './resources.ts';

/** `module`: fetched with all that it imports; `none`: cannot be shown in the preview, and is not loaded. */
export type Use = Role | 'module' | 'none';

const IMAGE = { src: 'image', srcset: 'image' } as const;
const MEDIA = { src: 'media' } as const;

const TABLE: Readonly<Record<string, Readonly<Record<string, Use>>>> = {
  img: IMAGE,
  source: { src: 'media', srcset: 'image' },
  video: { src: 'media', poster: 'image' },
  audio: MEDIA,
  track: MEDIA,
  input: { src: 'image' },
  image: { href: 'image', 'xlink:href': 'image' },
  use: { href: 'image', 'xlink:href': 'image' },
  script: { src: 'script' },
  link: { href: 'style' },
  iframe: { src: 'none' },
  embed: { src: 'none' },
  object: { data: 'none' },
};

export function addressAttributesOf(element: Element): readonly string[] {
  return Object.keys(TABLE[element.localName] ?? {});
}

/** What the browser would load this for; undefined when for nothing. */
export function useOf(element: Element, attribute: string, read: (name: string) => string | null): Use | undefined {
  const use = TABLE[element.localName]?.[attribute];
  if (element.localName === 'script' && use)
    return (read('type') ?? '').trim().toLowerCase() === 'module' ? 'module' : use;
  if (element.localName !== 'link' || !use) return use;
  const words = (read('rel') ?? '').toLowerCase().split(/\s+/);
  if (words.includes('stylesheet')) return 'style';
  return words.some((word) => /^(icon|preload|modulepreload|prefetch|manifest|apple-touch-icon)$/.test(word))
    ? 'none'
    : undefined;
}

export interface Candidate {
  readonly address: string;
  /** `2x`, `100w`, or nothing */
  readonly descriptor: string;
}

/** @see https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute */
export function readSrcset(text: string): Candidate[] {
  const candidates: Candidate[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    const address = /^\S+/.exec(rest)?.[0];
    if (address === undefined) return candidates;
    rest = rest.slice(address.length);
    if (address.endsWith(',')) {
      candidates.push({ address: address.replace(/,+$/, ''), descriptor: '' });
      continue;
    }
    const descriptor = /^(?:\([^)]*\)|[^,(])*/.exec(rest)?.[0] ?? '';
    rest = rest.slice(descriptor.length);
    candidates.push({ address, descriptor: descriptor.trim() });
  }
}

export function writeSrcset(candidates: readonly Candidate[]): string {
  return candidates.map(({ address, descriptor }) => `${address} ${descriptor}`.trim()).join(', ');
}
