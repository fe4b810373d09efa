/**
 * Keys of a tab list: arrows, Home and End go from tab to tab, as in any.
 *
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */

/** The tab that a key leads to, and the key is used up; undefined when it leads nowhere. @param own  the tab that has the focus */
export function tabOfKey<Name extends string>(
  event: KeyboardEvent,
  tabs: readonly { readonly name: Name }[],
  own: Name,
): Name | undefined {
  const at = tabs.findIndex(({ name }) => name === own);
  const next = {
    ArrowRight: (at + 1) % tabs.length,
    ArrowLeft: (at + tabs.length - 1) % tabs.length,
    Home: 0,
    End: tabs.length - 1,
  }[event.key];
  if (next === undefined) return undefined;
  event.preventDefault();
  return tabs[next]?.name;
}
