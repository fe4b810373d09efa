/**
 * What scripts do to the document after it was parsed.
 *
 * Promise: elements are prepared (elements.ts) before they are put in or their addresses are set, by whichever way of the
 * DOM; what slips past (`document.write`, styles set one by one) is prepared as soon as it is there.
 *
 * DIFFERS: the parser does not wait for a script with an address that comes by `document.write`.
 */
import type { Elements } from './elements.ts';
import { patch, provide } from './patch.ts';

const nativeGetAttribute = Element.prototype.getAttribute;

export function installMutations(elements: Elements): void {
  patchAttributes(elements);
  patchProperties(elements);
  patchInsertion(elements);
  patchMarkup(elements);
}

/** For what no patch sees. Must be called again for a document that was opened anew. */
export function watchMutations(elements: Elements): void {
  const watcher = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes' && target instanceof Element) {
        const css = nativeGetAttribute.call(target, 'style') ?? '';
        if (/url\(/i.test(css) && elements.writtenIn(target, '=style') !== css && !/url\("?(blob|data):/i.test(css)) {
          void elements.set(target, 'style', css);
        }
      }
      if (target instanceof HTMLStyleElement) void elements.prepareSheet(target);
      for (const node of addedNodes) void elements.prepare(node);
    }
  });
  watcher.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['style'] });
}

function patchAttributes(elements: Elements): void {
  patch(
    Element.prototype,
    'setAttribute',
    (native) =>
      function (this: Element, name: string, value: string) {
        const lower = String(name).toLowerCase();
        if (elements.concerns(this, lower)) void elements.set(this, lower, String(value));
        else native.call(this, name, value);
      },
  );
  patch(
    Element.prototype,
    'setAttributeNS',
    (native) =>
      function (this: Element, namespace: string | null, name: string, value: string) {
        if (elements.concerns(this, name)) void elements.set(this, name, String(value));
        else native.call(this, namespace, name, value);
      },
  );
  patch(
    Element.prototype,
    'getAttribute',
    (native) =>
      function (this: Element, name: string) {
        return elements.writtenIn(this, String(name).toLowerCase()) ?? native.call(this, name);
      },
  );
  patch(
    Element.prototype,
    'hasAttribute',
    (native) =>
      function (this: Element, name: string) {
        return elements.writtenIn(this, String(name).toLowerCase()) !== undefined || native.call(this, name);
      },
  );
  patch(
    Element.prototype,
    'removeAttribute',
    (native) =>
      function (this: Element, name: string) {
        elements.forget(this, String(name).toLowerCase());
        native.call(this, name);
      },
  );
}

const PROPERTIES: readonly (readonly [{ readonly prototype: Element }, readonly string[]])[] = [
  [HTMLImageElement, ['src', 'srcset']],
  [HTMLSourceElement, ['src', 'srcset']],
  [HTMLMediaElement, ['src']],
  [HTMLVideoElement, ['poster']],
  [HTMLTrackElement, ['src']],
  [HTMLInputElement, ['src']],
  [HTMLScriptElement, ['src']],
  [HTMLLinkElement, ['href']],
  [HTMLIFrameElement, ['src']],
  [HTMLEmbedElement, ['src']],
  [HTMLObjectElement, ['data']],
];

function patchProperties(elements: Elements): void {
  for (const [{ prototype }, names] of PROPERTIES) {
    for (const name of names) {
      const native = Object.getOwnPropertyDescriptor(prototype, name);
      if (!native?.get) continue;
      const { get } = native;
      Object.defineProperty(prototype, name, {
        ...native,
        get(this: Element) {
          const written = elements.writtenIn(this, name);
          if (written === undefined) return get.call(this);
          return name === 'srcset' || !URL.canParse(written, document.baseURI)
            ? written
            : new URL(written, document.baseURI).href;
        },
        set(this: Element, value: unknown) {
          this.setAttribute(name, String(value));
        },
      });
    }
  }
  const NativeAudio = window.Audio;
  const Audio = (src?: string): HTMLAudioElement => {
    const audio = new NativeAudio();
    audio.preload = 'auto';
    if (src !== undefined) audio.src = src;
    return audio;
  };
  Audio.prototype = NativeAudio.prototype;
  provide('Audio', Audio);
}

function patchInsertion(elements: Elements): void {
  const prepared = (native: unknown) =>
    function (this: Node, ...args: unknown[]): unknown {
      if (this.isConnected) {
        for (const node of args) if (node instanceof Node && !node.isConnected) void elements.prepare(node);
      }
      return (native as (...args: unknown[]) => unknown).apply(this, args);
    };
  for (const name of ['appendChild', 'insertBefore', 'replaceChild'] as const) patch(Node.prototype, name, prepared);
  for (const { prototype } of [Element, Document, DocumentFragment]) {
    for (const name of ['append', 'prepend', 'replaceChildren'] as const) patch(prototype, name, prepared);
  }
  for (const { prototype } of [Element, CharacterData]) {
    for (const name of ['before', 'after', 'replaceWith'] as const) patch(prototype, name, prepared);
  }
  patch(Element.prototype, 'insertAdjacentElement', prepared);
}

/** Markup is parsed where nothing loads, prepared, and moved. */
function patchMarkup(elements: Elements): void {
  const inert = document.implementation.createHTMLDocument('');
  const innerHTML = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
  const outerHTML = Object.getOwnPropertyDescriptor(Element.prototype, 'outerHTML');
  const shadowHTML = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, 'innerHTML');
  if (!innerHTML?.set || !outerHTML?.set || !shadowHTML?.set) return;
  const setInner = innerHTML.set;
  const { replaceChildren } = Element.prototype;
  const shadowReplace = ShadowRoot.prototype.replaceChildren;
  const parse = (context: Element, markup: string): ChildNode[] => {
    const parent = inert.importNode(context, false);
    setInner.call(parent, markup);
    void elements.prepare(parent);
    return [...parent.childNodes];
  };
  const isPlain = (element: Element): boolean => /^(template|script|style|textarea|title)$/.test(element.localName);
  Object.defineProperty(Element.prototype, 'innerHTML', {
    ...innerHTML,
    set(this: Element, markup: unknown) {
      const text = markup === null ? '' : String(markup);
      if (isPlain(this)) setInner.call(this, text);
      else replaceChildren.call(this, ...parse(this, text));
    },
  });
  Object.defineProperty(ShadowRoot.prototype, 'innerHTML', {
    ...shadowHTML,
    set(this: ShadowRoot, markup: unknown) {
      shadowReplace.call(this, ...parse(inert.createElement('div'), markup === null ? '' : String(markup)));
    },
  });
  Object.defineProperty(Element.prototype, 'outerHTML', {
    ...outerHTML,
    set(this: Element, markup: unknown) {
      const parent = this.parentElement ?? inert.createElement('body');
      this.replaceWith(...parse(parent, markup === null ? '' : String(markup)));
    },
  });
  patch(
    Element.prototype,
    'insertAdjacentHTML',
    () =>
      function (this: Element, position: string, markup: string) {
        const isInside = /^(afterbegin|beforeend)$/i.test(position);
        const nodes = parse((isInside ? this : this.parentElement) ?? this, String(markup));
        switch (position.toLowerCase()) {
          case 'beforebegin':
            return this.before(...nodes);
          case 'afterbegin':
            return this.prepend(...nodes);
          case 'beforeend':
            return this.append(...nodes);
          case 'afterend':
            return this.after(...nodes);
          default:
            throw new DOMException(`The value provided ('${position}') is not one of the four.`, 'SyntaxError');
        }
      },
  );
}
