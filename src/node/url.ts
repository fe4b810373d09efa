/** `node:url`: unenv's port of Node's. */
import url from 'unenv/node/url';

export const {
  Url,
  parse,
  resolve,
  resolveObject,
  format,
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  pathToFileURL,
  fileURLToPath,
  urlToHttpOptions,
} = url;
export default url;
