/** `node:querystring`: unenv's port of Node's. */
import querystring from 'unenv/node/querystring';

const { unescape: qsUnescape, escape: qsEscape } = querystring;

export { qsEscape as escape, qsUnescape as unescape };
export const { unescapeBuffer, stringify, encode, parse, decode } = querystring;
export default querystring;
