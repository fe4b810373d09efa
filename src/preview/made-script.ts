/**
 * A script element that the shim makes for itself, past its own patches.
 *
 * Promise: it is gone from the document when this returns.
 */
const appendChild = Node.prototype.appendChild;
const remove = Element.prototype.remove;

export function patchFreeScript(type: string, text: string): void {
  const script = document.createElement('script');
  script.type = type;
  script.text = text;
  appendChild.call(document.head ?? document.documentElement, script);
  remove.call(script);
}
