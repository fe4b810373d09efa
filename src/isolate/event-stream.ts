/**
 * The format `text/event-stream`: texts in, events out.
 *
 * Promise: as workerd reads it (1.20260730, as observed): an event without data is none, one whose name is empty has that
 * name, and an id may hold a zero character.
 */
import { numberOf, regExpExec, stringIndexOf, stringSlice } from '../base/primordials.ts';

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

const DIGITS = /^\d+$/;

export class EventStreamReader {
  /** stays from event to event, and from connection to connection */
  lastEventId: string;
  /** milliseconds, as the server asked; undefined: it did not */
  retryMs: number | undefined;
  #rest = '';
  #endedInReturn = false;
  #type: string | undefined;
  #data: string | undefined;

  constructor(lastEventId: string) {
    this.lastEventId = lastEventId;
  }

  /** Takes the next piece of the text, which may end anywhere. */
  read(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    let text = this.#rest + piece;
    if (this.#endedInReturn && text !== '') {
      if (text[0] === '\n') text = stringSlice(text, 1);
      this.#endedInReturn = false;
    }
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const one = text[at];
      if (one !== '\n' && one !== '\r') continue;
      this.#line(stringSlice(text, from, at), events);
      if (one === '\r') {
        if (at + 1 === text.length) this.#endedInReturn = true;
        else if (text[at + 1] === '\n') at++;
      }
      from = at + 1;
    }
    this.#rest = stringSlice(text, from);
    return events;
  }

  #line(line: string, events: StreamEvent[]): void {
    if (line === '') {
      if (this.#data) {
        events[events.length] = { type: this.#type ?? 'message', data: this.#data, lastEventId: this.lastEventId };
      }
      this.#type = undefined;
      this.#data = undefined;
      return;
    }
    const colon = stringIndexOf(line, ':');
    const field = colon < 0 ? line : stringSlice(line, 0, colon);
    const value = colon < 0 ? '' : stringSlice(line, line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === 'event') this.#type = value;
    else if (field === 'id') this.lastEventId = value;
    else if (field === 'retry' && regExpExec(DIGITS, value) !== null) this.retryMs = numberOf(value);
  }
}
