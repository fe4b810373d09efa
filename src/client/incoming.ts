/**
 * What the platform's edge adds to a request from the internet: `request.cf`, and headers that say who asks.
 *
 * Promise: what the client says itself stays, so a page can play any client; `init.cf` is laid over the fixed object, which
 * is the one that miniflare has when it knows nothing.
 *
 * DIFFERS: of the headers local workerd has `CF-Connecting-IP` alone, and production `Accept-Encoding` too.
 */
import { toHex } from '../base/bytes.ts';

/** `RequestInit` as `sim.fetch` takes it. */
export interface IncomingInit extends RequestInit {
  /** laid over what `request.cf` is otherwise */
  cf?: Readonly<Record<string, unknown>>;
}

/** A documentation address (RFC 5737) would be blocked by programs that check it; miniflare says this one. */
const CLIENT_ADDRESS = '127.0.0.1';

const NO_CERTIFICATE = {
  ...{ certPresented: '0', certVerified: 'NONE', certRevoked: '0' },
  ...{ certIssuerDN: '', certSubjectDN: '', certIssuerDNRFC2253: '', certSubjectDNRFC2253: '' },
  ...{ certIssuerDNLegacy: '', certSubjectDNLegacy: '', certSerial: '', certIssuerSerial: '' },
  ...{ certSKI: '', certIssuerSKI: '', certFingerprintSHA1: '', certFingerprintSHA256: '' },
  ...{ certNotBefore: '', certNotAfter: '', certRFC9440: '', certRFC9440TooLarge: false },
  ...{ certChainRFC9440: '', certChainRFC9440TooLarge: false },
};

const CLIENT = {
  ...{ asOrganization: '', asn: 395747, colo: 'DFW', city: 'Austin', region: 'Texas', regionCode: 'TX' },
  ...{ metroCode: '635', postalCode: '78701', country: 'US', continent: 'NA', timezone: 'America/Chicago' },
  ...{ latitude: '30.27130', longitude: '-97.74260', clientTcpRtt: 0, httpProtocol: 'HTTP/1.1' },
  ...{ requestPriority: 'weight=192;exclusive=0', tlsCipher: 'AEAD-AES128-GCM-SHA256', tlsVersion: 'TLSv1.3' },
  tlsClientAuth: NO_CERTIFICATE,
  ...{ edgeRequestKeepAliveStatus: 0, clientTrustScore: 99 },
  botManagement: {
    ...{ corporateProxy: false, verifiedBot: false, ja3Hash: '25b4882c2bcb50cd6b469ff28c596742' },
    ...{ staticResource: false, detectionIds: [], score: 99 },
  },
  clientAcceptEncoding: 'gzip, deflate',
};

/** @param url  absolute */
export function asIncoming(
  url: URL,
  {
    given,
    init,
    randomBytes,
  }: { given: Request | undefined; init: IncomingInit; randomBytes(length: number): Uint8Array },
): IncomingInit {
  const method = init.method ?? given?.method ?? 'GET';
  const isWithoutBody = (init.body ?? given?.body ?? null) === null;
  const cf = { ...CLIENT, ...init.cf };
  const headers = new Headers(init.headers ?? given?.headers);
  const add = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  const scheme = url.protocol.slice(0, -1);
  add('Host', url.host);
  add('CF-Connecting-IP', CLIENT_ADDRESS);
  add('X-Real-IP', headers.get('CF-Connecting-IP') as string);
  add('X-Forwarded-Proto', scheme);
  add('CF-Visitor', JSON.stringify({ scheme }));
  add('CF-IPCountry', String(cf.country));
  add('CF-Ray', `${toHex(randomBytes(8))}-${String(cf.colo)}`);
  // Who sends nothing where a body could be says so, and the program finds a body that is empty.
  if (!isWithoutBody || /^(get|head)$/i.test(method)) return { ...init, headers, cf };
  add('Content-Length', '0');
  return { ...init, headers, cf, body: new Uint8Array(0) };
}
