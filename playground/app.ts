/**
 * What every pane is given: the example that is open and the few things that concern more than one pane.
 *
 * Promise: a pane reads signals and calls methods; panes do not know each other.
 */
import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals-core';
import type { OpenAccount } from './account.ts';
import { Browsers } from './browsers.ts';
import { ClockControl } from './clock-control.ts';
import type { Example, Preset } from './examples.ts';
import { type Keep, keepIn } from './keep.ts';
import { ObjectActs } from './object-acts.ts';
import { Places } from './places.ts';
import { draftOf, type Exchange, Requests } from './requests.ts';
import { type Fault, Session } from './session.ts';
import { SingleKeys } from './single-keys.ts';
import { SqlConsole } from './sql-console.ts';
import { Workspace } from './workspace.ts';

/** One example, open: its files, its account, its requests, its SQL. */
export interface Desk {
  readonly workspace: Workspace;
  readonly session: Session;
  readonly requests: Requests;
  readonly console: SqlConsole;
  readonly browsers: Browsers;
}

/** How something is shown: the focus goes there, or stays where it is. */
export type How = 'there' | 'beside';

/** A place that a pane should show: one in a file, or the storage as it is. A new object for each wish. */
export type Wish =
  | { readonly pane: 'editor'; readonly place: NonNullable<Fault['place']>; readonly how: How }
  | { readonly pane: 'storage' };

export interface AppOptions {
  readonly examples: readonly Example[];
  readonly open: OpenAccount;
  readonly keep?: Keep;
  /** name of the example to begin with */
  readonly example?: string | undefined;
}

export class App {
  readonly examples: readonly Example[];
  readonly keep: Keep;
  readonly desk: ReadonlySignal<Desk>;
  /** read aloud by screen readers, one sentence at a time */
  readonly said = signal('');
  readonly wish = signal<Wish | undefined>(undefined);
  readonly clock = new ClockControl(() => this.current.session, this.said);
  readonly acts = new ObjectActs(() => this.current.session, this.said);
  /** the browser's words, if it has lost what was stored here; whichever example was opened when it said so */
  readonly lostWords = signal<string | undefined>(undefined);
  readonly keys: SingleKeys;
  readonly isHelpOpen = signal(false);
  readonly places = new Places();
  /** which part a phone shows */
  readonly tab = signal<'code' | 'run' | 'inspect' | 'timeline'>('code');
  readonly #desk;
  readonly #open: OpenAccount;

  constructor({ examples, open, keep, example }: AppOptions) {
    this.examples = examples;
    this.keep = keep ?? keepIn(() => localStorage);
    this.keys = new SingleKeys(this.keep);
    this.#open = open;
    this.#desk = signal(this.#deskOf(examples.find(({ name }) => name === example) ?? (examples[0] as Example)));
    this.desk = this.#desk;
    effect(() => {
      const { value } = this.current.session.lostWords;
      if (value !== undefined) this.lostWords.value = value;
    });
  }

  get current(): Desk {
    return this.desk.value;
  }

  /** Closes what is open and opens another example; its code runs at once. */
  choose(name: string): void {
    const example = this.examples.find((one) => one.name === name);
    const { workspace, session, browsers } = this.#desk.peek();
    if (!example || example === workspace.example) return;
    browsers.close();
    workspace.close();
    session.close();
    this.#desk.value = this.#deskOf(example);
    this.run('by-itself');
  }

  /**
   * Deploys what is in the editor and says what came of it; a page of the Worker is shown, or loaded again.
   *
   * @param how  `by-itself`: nobody pressed Run, so a phone goes on showing what it shows
   */
  async run(how: 'asked' | 'by-itself' = 'asked'): Promise<void> {
    const { session, workspace, browsers } = this.#desk.peek();
    await session.run(workspace.files.peek());
    if (this.#desk.peek().session !== session) return;
    this.said.value = deploymentSentence(session, workspace);
    if (session.deployment.peek().state !== 'running') return;
    const page = workspace.example.presets.find((preset) => preset.page);
    if (browsers.list.peek().length > 0) browsers.reload();
    else if (page) browsers.show(page.path);
    if (how === 'asked' && browsers.view.peek() === 'page') this.tab.value = 'run';
  }

  async send(preset?: Preset): Promise<void> {
    const { requests, session, browsers } = this.#desk.peek();
    if (preset?.page) {
      browsers.show(preset.path);
      return;
    }
    browsers.view.value = 'response';
    if (preset) requests.draft.value = draftOf(preset);
    const answered = session.timeline.expect();
    const exchange = await requests.send();
    answered(answersOf(exchange));
    session.refresh();
    this.said.value = exchangeSentence(exchange);
  }

  show(place: NonNullable<Fault['place']>, how: How = 'there'): void {
    this.#desk.peek().workspace.select(place.file);
    if (how === 'there') this.tab.value = 'code';
    this.wish.value = { pane: 'editor', place, how };
  }

  /** Shows where an event of the timeline came from, if it came from anywhere. */
  showOrigin(event: number, how: How): void {
    const { session } = this.#desk.peek();
    const place = untracked(() => this.places.of(event, this.#desk.value));
    if (place.kind === 'code') this.show(place.at, how);
    if (place.kind !== 'storage') return;
    session.select(place.object.id);
    session.stored.visit(place.moment);
    if (how === 'beside') return;
    this.tab.value = 'inspect';
    this.wish.value = { pane: 'storage' };
  }

  #deskOf(example: Example): Desk {
    const session = new Session(`playground-${example.name}`, this.#open);
    const browsers = new Browsers({
      open: (frame, options) => session.preview(frame, options),
      answered: () => session.refresh(),
    });
    return {
      browsers,
      session,
      workspace: new Workspace(example, this.keep),
      requests: new Requests((path, init) => session.fetch(path, init), example.presets[0]),
      console: new SqlConsole({
        stored: session.stored,
        changes: session.changes,
        keep: this.keep,
        name: example.name,
      }),
    };
  }
}

/** What runs, in one sentence or two. */
export function deploymentSentence({ deployment }: Session, { files }: Workspace): string {
  const { value } = deployment;
  switch (value.state) {
    case 'opening':
      return 'Starting…';
    case 'deploying':
      return 'Deploying…';
    case 'failed': {
      if (!value.running) return 'Not deployed, and nothing ran before.';
      return `Not deployed. ${nameOf(value.running.number)} keeps running.`;
    }
    case 'running': {
      const name = nameOf(value.running.number);
      if (!value.running.files) return `${name} runs. Another tab deployed it.`;
      if (value.running.files !== files.value && !isSame(value.running.files, files.value)) {
        return `${name} runs, without your last edits.`;
      }
      return `${name} runs.`;
    }
    default:
      return value satisfies never;
  }
}

function nameOf(number: number | undefined): string {
  return number === undefined ? 'What was deployed before' : `Deployment ${number}`;
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}

/** What the requests were answered with, in a few words each; the value alone where the answer has one only. */
function answersOf({ outcomes }: Exchange): string[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.state !== 'answered' || outcome.body.kind !== 'text') return [];
    const { text } = outcome.body;
    const only = /^\s*\{\s*"[^"]*"\s*:\s*([^{}[\],]*?)\s*\}\s*$/.exec(text)?.[1];
    return [only ?? text];
  });
}

function exchangeSentence({ draft, outcomes, tookMs }: Exchange): string {
  const [first] = outcomes;
  const took = `${Math.round(tookMs ?? 0)} ms`;
  if (outcomes.length > 1) {
    const failed = outcomes.filter(({ state }) => state === 'failed').length;
    return `${outcomes.length} × ${draft.method} ${draft.path}: ${failed} failed, ${took} in all.`;
  }
  if (first?.state === 'answered') {
    const body = first.body.kind === 'text' ? first.body.text.slice(0, 200) : `${first.body.bytes.length} bytes`;
    return `${draft.method} ${draft.path}: ${first.status} in ${took}. ${body}`;
  }
  return `${draft.method} ${draft.path} failed: ${first?.state === 'failed' ? first.message : ''}`;
}
