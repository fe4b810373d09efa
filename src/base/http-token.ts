/** What HTTP calls a token: names of headers, and of a WebSocket's protocols. A program may patch what this calls through. */
import { uncurryThis } from './primordials.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const matches = uncurryThis(RegExp.prototype.test);

/** @see RFC 9110, 5.6.2 */
export const isToken = (text: string): boolean => matches(TOKEN, text);
