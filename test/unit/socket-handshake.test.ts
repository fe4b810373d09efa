/** What the opening of a socket says, by itself; beside Chromium's own it is in test/e2e/native-sockets.test.ts. */
import { expect, test } from 'vitest';
import { acceptLanguage } from '../../src/client/socket-handshake.ts';

test.each([
  [['en-US'], 'en-US,en;q=0.9'],
  [['de-CH', 'de-DE', 'en'], 'de-CH,de-DE;q=0.9,de;q=0.8,en;q=0.7'],
  [['fr'], 'fr'],
  [[], ''],
])('%j is told as a browser tells it', (languages, header) => {
  expect(acceptLanguage(languages)).toBe(header);
});
