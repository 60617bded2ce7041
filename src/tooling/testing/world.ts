import { keptSnapshots, type HistoryNeed } from '../../model/history-need.ts';
import { withSuccessors } from '../../model/successors.ts';
import { layoutOf, type FieldValue, type Layout } from '../../model/field.ts';
import type { Past } from '../../model/past.ts';
import type { EntityView, GuestView, PolicyInput } from '../../model/snapshot.ts';
import { merged } from './read.ts';
import { constantPast } from './constant-past.ts';
import { NOTHING_GIVEN, type Given, type Step } from './suite.ts';

/** The arbitrary time of a case's first step: 2026-01-01, 00:00 UTC. */
const START_MS = Date.UTC(2026, 0, 1);

type Values = ReadonlyMap<string, FieldValue>;

interface EntityState {
  /** The values that the next sample starts with. */
  readonly given: Given;
  readonly uuid: string;
  /** Oldest first. */
  readonly samples: readonly Values[];
  readonly times: readonly number[];
  /** Of the recorded moment; null: none. */
  readonly past: Past | null;
}

/** Host and guests of a case. Each step adds a sample. */
export class World {
  readonly #history: number;
  readonly #need: HistoryNeed;
  #nowMs = START_MS;
  #host: EntityState = {
    given: { ...NOTHING_GIVEN, props: { name: 'host' } },
    ...{ uuid: '', samples: [], times: [], past: null },
  };
  readonly #guests = new Map<string, EntityState>();
  #count = 0;
  /** The first step is at the recorded moment itself and replaces its last sample. */
  #isAtMoment = false;

  /**
   * @param history number of samples that methods without a window use
   * @param need how far back the policy looks with windows
   */
  constructor(history: number, need: HistoryNeed) {
    this.#history = history;
    this.#need = need;
  }

  /** A world that continues from a recorded moment. */
  static at({ timeMs, hostLayout, guestLayout, host, guests }: PolicyInput, history: number, need: HistoryNeed): World {
    const world = new World(history, need);
    world.#nowMs = timeMs;
    world.#isAtMoment = true;
    world.#host = beforeLast(host, hostLayout, '');
    for (const guest of guests) world.#guests.set(guest.name, beforeLast(guest, guestLayout, guest.uuid));
    world.#count = guests.length;
    return world;
  }

  step({ afterMs, host, guests }: Step): PolicyInput {
    if (!this.#isAtMoment) this.#nowMs += afterMs;
    this.#isAtMoment = false;
    this.#host = this.#next(this.#host, host, afterMs);
    for (const [name, given] of guests) {
      if (given === null) this.#guests.delete(name);
      else if (!this.#guests.has(name)) this.#guests.set(name, this.#newGuest(name));
    }
    for (const [name, known] of this.#guests)
      this.#guests.set(name, this.#next(known, guests.get(name) ?? NOTHING_GIVEN, afterMs));
    return this.#input();
  }

  #newGuest(name: string): EntityState {
    this.#count += 1;
    const uuid = `00000000-0000-4000-8000-${String(this.#count).padStart(12, '0')}`;
    return {
      given: { ...NOTHING_GIVEN, props: { name, uuid, id: this.#count, pid: 1000 + this.#count, labels: '' } },
      ...{ uuid, samples: [], times: [], past: null },
    };
  }

  /** Without earlier samples, a list provides them; shorter lists are padded with their oldest value. */
  #next(known: EntityState, given: Given, spacingMs: number): EntityState {
    const all = merged(known.given, given);
    const count =
      known.samples.length > 0 ? 1 : Math.max(1, ...[...all.fields.values()].map((values) => values.length));
    const samples = Array.from({ length: count }, (_, at): Values => {
      const back = count - at;
      return new Map(
        [...all.fields].map(([name, values]) => [name, values[Math.max(0, values.length - back)] as FieldValue]),
      );
    });
    const times = samples.map((_, at) => this.#nowMs - (count - 1 - at) * spacingMs);
    const present = new Map([...all.fields].map(([name, values]) => [name, values.slice(-1)]));
    const kept = keptSnapshots(this.#need, this.#history, spacingMs);
    return {
      given: { ...all, fields: present },
      uuid: known.uuid,
      past: known.past,
      samples: [...known.samples, ...samples].slice(-kept),
      times: [...known.times, ...times].slice(-kept),
    };
  }

  #input(): PolicyInput {
    const guests = [...this.#guests].sort(([a], [b]) => (a < b ? -1 : 1));
    const hostLayout = withSuccessors(layoutOfAll([this.#host]));
    const guestLayout = layoutOfAll(guests.map(([, known]) => known));
    return {
      timeMs: this.#nowMs,
      hostLayout,
      guestLayout,
      host: this.#view(this.#host, hostLayout),
      guests: guests.map(([name, known]): GuestView => ({ name, uuid: known.uuid, ...this.#view(known, guestLayout) })),
    };
  }

  #view({ given, samples, times, past }: EntityState, layout: Layout): EntityView {
    return {
      props: given.props,
      samples: samples.map((sample) => layout.names.map((name) => sample.get(name))),
      times,
      recent: Math.min(this.#history, samples.length),
      past: constantPast(given.past, past),
    };
  }
}

function layoutOfAll(all: readonly EntityState[]): Layout {
  return layoutOf([...new Set(all.flatMap(({ samples }) => samples.flatMap((sample) => [...sample.keys()])))]);
}

/** The state before the current sample, from which the next step starts. */
function beforeLast({ props, samples, times, past }: EntityView, { names }: Layout, uuid: string): EntityState {
  const all = samples.map(
    (sample): Values =>
      new Map(names.flatMap((name, at) => (sample[at] === undefined ? [] : [[name, sample[at]] as const]))),
  );
  const present = new Map([...(all.at(-1) ?? [])].map(([name, value]) => [name, [value]] as const));
  const given = { ...NOTHING_GIVEN, fields: present, props };
  return { given, uuid, samples: all.slice(0, -1), times: times.slice(0, -1), past: past ?? null };
}
