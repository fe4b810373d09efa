import type { Entry } from './guestbook.ts';
import rules from './rules.json';

/** Reads `{ name, message }` from a request, or says what is wrong with it. */
export async function readEntry(request: Request): Promise<Entry | { problem: string }> {
  let sent: Partial<Entry>;
  try {
    sent = await request.json();
  } catch {
    return { problem: 'The body is not JSON.' };
  }
  const name = String(sent.name ?? '').trim();
  const message = String(sent.message ?? '').trim();
  if (!name || !message) return { problem: 'Give a name and a message.' };
  if (message.length > rules.messageLength) {
    return { problem: `A message has ${rules.messageLength} characters at most.` };
  }
  return { name, message };
}
