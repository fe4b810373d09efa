/**
 * What the stub of a facet stands on: a way that is chosen when the stub is first used, and kept.
 *
 * Promise: making one starts nothing. Such a stub goes nowhere: whoever has the facet's parent asks that.
 *
 * Knows nothing of how a facet starts.
 * @see workerd: api/actor-state.c++ (DurableObjectFacets::get)
 */
import type { ObjectChannel } from './channel.ts';
import { type Outcome, type Parcel, type Path, StubHook } from './hook.ts';

export class FacetHook extends StubHook {
  readonly #choose: () => ObjectChannel;
  #way: StubHook | undefined;

  /** @param choose  called at the first use */
  constructor(choose: () => ObjectChannel) {
    super();
    this.#choose = choose;
  }

  override get refusal(): string {
    return 'Stubs pointing to Durable Object facets are not serializable.';
  }

  override call(path: Path, args: Parcel): StubHook {
    return this.#chosen.call(path, args);
  }

  override get(path: Path): Promise<Outcome> {
    return this.#chosen.get(path);
  }

  override pull(): Promise<Outcome> {
    return this.#chosen.pull();
  }

  override fetch(input: unknown, init: unknown): Promise<unknown> {
    return this.#chosen.fetch(input, init);
  }

  /** The same stub: it has used the way, or will. */
  override dup(): StubHook {
    return this;
  }

  override dispose(): void {}

  get #chosen(): StubHook {
    this.#way ??= this.#choose().lease();
    return this.#way;
  }
}
