/**
 * Leads from an event of the timeline to the place that it came from, in the code or in what an object has stored.
 *
 * Promise: `of` says where it leads before anybody goes, and `none` with the reason where it leads nowhere.
 */
import { signal } from '@preact/signals-core';
import type { InspectedObject, SourceLocation } from '../src/index.ts';
import { sentenceOf } from './account.ts';
import type { DefinitionOf } from './definitions.ts';
import { type Origin, originOf } from './origins.ts';
import type { Session } from './session.ts';
import type { Workspace } from './workspace.ts';

export type Place =
  | { readonly kind: 'code'; readonly at: SourceLocation; readonly name: string }
  | { readonly kind: 'storage'; readonly object: InspectedObject; readonly moment: { at: number; timeMs: number } }
  | { readonly kind: 'none'; readonly why: string };

type Finder = { readonly find: DefinitionOf } | { readonly problem: string } | undefined;

export class Places {
  readonly #finder = signal<Finder>(undefined);

  /** Fetches what reads code. */
  async load(): Promise<void> {
    try {
      this.#finder.value = { find: (await import('./definitions.ts')).definitionOf };
    } catch (error) {
      this.#finder.value = { problem: sentenceOf(error) };
    }
  }

  /** @param place  of an event of the session's timeline */
  of(place: number, { session, workspace }: { session: Session; workspace: Workspace }): Place {
    const origin = originOf(session.timeline.picture.value, place);
    switch (origin.kind) {
      case 'code':
        return this.#inCode(origin, workspace);
      case 'storage': {
        const { lane, moment, timeMs } = origin;
        const object = session.objects.value.find(({ key }) => `${key.namespace}/${key.id}` === lane);
        if (!object) return { kind: 'none', why: 'The object is not listed any more.' };
        return { kind: 'storage', object, moment: { at: moment, timeMs } };
      }
      case 'none':
        return origin;
      default:
        return origin satisfies never;
    }
  }

  #inCode({ owner, member, name }: Origin & { readonly kind: 'code' }, workspace: Workspace): Place {
    const finder = this.#finder.value;
    if (!finder) return { kind: 'none', why: 'What reads the code is still being fetched.' };
    if ('problem' in finder) return { kind: 'none', why: `What reads the code did not load: ${finder.problem}` };
    const at = finder.find(workspace.files.value, owner, member);
    return at
      ? { kind: 'code', at, name }
      : { kind: 'none', why: `${name} is not in the files as they stand in the editor.` };
  }
}
