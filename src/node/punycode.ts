/** `node:punycode`. */
import punycode from 'unenv/node/punycode';

export const { decode, encode, toASCII, toUnicode, ucs2, version } = punycode;
export default punycode;
