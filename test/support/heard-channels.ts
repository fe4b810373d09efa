/**
 * The names of the channels that this page opens, for a test that speaks on them as any script of the origin could. To be
 * imported before the library, which captures the class.
 */
const heard: string[] = [];

/** The browser's own. */
export const UnheardChannel = BroadcastChannel;

globalThis.BroadcastChannel = class extends UnheardChannel {
  constructor(name: string) {
    super(name);
    heard.push(name);
  }
};

/** Those of links, in the order of their opening. */
export const openedLinks = (): readonly string[] => heard.filter((name) => name.includes(':link:'));
