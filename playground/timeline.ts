/**
 * The timeline of one account as a person looks at it: the picture, how it is stretched, which event is selected.
 *
 * Promise: the picture is made again after whatever was traced, at most once a frame and for at most a fifth of the time. A
 * run, which is what happens until nothing does for a moment, is said in one sentence when it is over, and not before.
 *
 * Knows nothing of the page.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { FreshEvents, TraceEvent } from '../src/index.ts';
import type { Account } from './account.ts';
import { type Axis, axisOf } from './timeline-axis.ts';
import { keyOf, layOut, type Step, stepFrom, type Timeline } from './timeline-model.ts';
import { sentenceOf } from './timeline-words.ts';

const QUIET_MS = 500;
/** The picture is not made for longer than one part in so many. */
const BUILD_SHARE = 5;
/** A run of more is told by its end. */
const RUN_EVENTS_MAX = 20_000;
/** So many lanes have room beside the rows of a narrow screen. */
export const LANES_SHOWN = 3;
const SCALE_START = 0.5;
const SCALE_MIN = 1 / 64;
const SCALE_MAX = 64;

export class TimelineView {
  readonly picture = signal<Timeline>(layOut([]));
  readonly isFolded = signal(true);
  /** pixels a millisecond */
  readonly scale = signal(SCALE_START);
  readonly axis: ReadonlySignal<Axis>;
  /** place of the selected event; -1: none */
  readonly place: ReadonlySignal<number>;
  /** place of the event under the pointer; -1: none */
  readonly hovered = signal(-1);
  readonly isOpen = signal(false);
  /** the first of the lanes that a narrow screen draws */
  readonly firstLane: ReadonlySignal<number>;
  /** the last run, in one sentence */
  readonly said = signal('');
  readonly #firstLane = signal(0);
  readonly #selected = signal<string | undefined>(undefined);
  #trace: Account['trace'] | undefined;
  #isBuilding = false;
  #buildMs = 0;
  /** what came since the last run was over */
  #run: FreshEvents[] = [];
  #runCount = 0;
  #answers: string[] = [];
  #expected = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.axis = computed(() =>
      axisOf(this.picture.value.events, { isFolded: this.isFolded.value, scale: this.scale.value }),
    );
    this.firstLane = computed(() => Math.min(this.#firstLane.value, lastFirstLane(this.picture.value)));
    this.place = computed(() => this.picture.value.find(this.#selected.value));
  }

  /** Shows what is traced from now on. Returns what ends it. */
  follow(trace: Account['trace']): () => void {
    this.#trace = trace;
    const stop = trace.subscribe((fresh) => {
      this.#keep(fresh);
      this.#build();
      this.#listen();
    });
    return () => {
      stop();
      clearTimeout(this.#quiet);
    };
  }

  /** Requests are on their way: the run is not over until what is returned was called, with their answers. */
  expect(): (answers: readonly string[]) => void {
    this.#expected++;
    return (answers) => {
      this.#expected--;
      this.#answers.push(...answers);
      this.#listen();
    };
  }

  select(place: number): void {
    const { events, laneOf } = this.picture.value;
    const event = events[place];
    this.#selected.value = event && keyOf(event);
    if (!event) {
      this.isOpen.value = false;
      return;
    }
    const lane = laneOf[place] as number;
    this.#firstLane.value = Math.max(lane - LANES_SHOWN + 1, Math.min(lane, this.firstLane.value));
  }

  /** A narrow screen draws the lanes before these, or those after them. */
  shiftLanes(by: 1 | -1): void {
    this.#firstLane.value = Math.max(0, Math.min(lastFirstLane(this.picture.value), this.firstLane.value + by));
  }

  step(step: Step): void {
    this.select(stepFrom(this.picture.value, this.place.value, step));
  }

  /** @param factor  more than 1: the same time takes more room */
  zoom(factor: number): void {
    this.scale.value = Math.min(SCALE_MAX, Math.max(SCALE_MIN, this.scale.value * factor));
  }

  clear(): void {
    this.#trace?.clear();
    this.#forgetRun();
    this.select(-1);
    this.said.value = '';
    this.picture.value = layOut([]);
  }

  #keep(fresh: FreshEvents): void {
    this.#run.push(fresh);
    this.#runCount += fresh.count;
    while (this.#runCount - (this.#run[0]?.count ?? 0) > RUN_EVENTS_MAX)
      this.#runCount -= this.#run.shift()?.count ?? 0;
  }

  #forgetRun(): void {
    this.#run = [];
    this.#runCount = 0;
  }

  #build(): void {
    if (this.#isBuilding) return;
    this.#isBuilding = true;
    setTimeout(() => {
      requestAnimationFrame(() => {
        this.#isBuilding = false;
        const startMs = performance.now();
        this.hovered.value = -1; // places have changed their events when old ones were forgotten
        this.picture.value = layOut(this.#trace?.events ?? []);
        this.#buildMs = performance.now() - startMs;
      });
    }, this.#buildMs * BUILD_SHARE);
  }

  #listen(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (this.#expected > 0) return;
      const run = this.#run.flatMap(({ events }) => events);
      const said = sentenceOf(run.slice(-RUN_EVENTS_MAX).toSorted(byTime), this.#answers);
      this.#forgetRun();
      this.#answers = [];
      if (said) this.said.value = said;
    }, QUIET_MS);
  }
}

function lastFirstLane({ lanes }: Timeline): number {
  return Math.max(0, lanes.length - LANES_SHOWN);
}

function byTime(one: TraceEvent, other: TraceEvent): number {
  return one.atMs - other.atMs || one.lamport - other.lamport;
}
