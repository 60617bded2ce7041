import type { Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Guard } from '../plugin/guard.ts';
import type { GuardState, Recollection, Reservation } from '../plugin/recollection.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import { settingsFor } from './plugin-settings.ts';

/** A longer gap between two snapshots counts as this much: the clock may have been set, or the host was suspended, milliseconds. */
const LONGEST_GAP_MS = 300_000;

const NO_RESERVATIONS: readonly Reservation[] = [];

/** What the guards remember. Immutable: each snapshot gives the next one. */
export class Recollections {
  readonly #memories: ReadonlyMap<Recollection, unknown>;
  readonly #lastMs: number | null;
  readonly steadyMs: number;
  #last: {
    readonly settings: PluginSettings;
    readonly reservations: readonly Reservation[];
    readonly state: GuardState;
  } | null = null;

  constructor(memories: ReadonlyMap<Recollection, unknown> = new Map(), lastMs: number | null = null, steadyMs = 0) {
    this.#memories = memories;
    this.#lastMs = lastMs;
    this.steadyMs = steadyMs;
  }

  static of(guards: readonly Guard[]): Recollections {
    const all = guards.flatMap(({ recalls }) => recalls ?? []);
    return new Recollections(new Map(all.map((each) => [each, each.initial])));
  }

  next(input: PolicyInput, outcomes: readonly Outcome[], settings: PluginSettings): Recollections {
    const gapMs = this.#lastMs === null ? 0 : input.timeMs - this.#lastMs;
    const steadyMs = this.steadyMs + Math.min(Math.max(0, gapMs), LONGEST_GAP_MS);
    const seen = { input, outcomes, steadyMs };
    const memories = new Map<Recollection, unknown>();
    for (const [recollection, memory] of this.#memories)
      memories.set(recollection, recollection.next(memory, seen, settingsFor(recollection, settings)));
    return new Recollections(memories, input.timeMs, steadyMs);
  }

  /** The same object for the same arguments, as often as it is asked for: once for each guest. */
  state(settings: PluginSettings, reservations: readonly Reservation[] = NO_RESERVATIONS): GuardState {
    if (this.#last?.settings === settings && this.#last.reservations === reservations) return this.#last.state;
    const state = this.#stateWith(settings, reservations);
    this.#last = { settings, reservations, state };
    return state;
  }

  #stateWith(settings: PluginSettings, reservations: readonly Reservation[]): GuardState {
    return {
      recall: <Memory>(of: Pick<Recollection<Memory>, 'name' | 'initial'>): Memory => {
        const memory = this.#memories.get(of as Recollection) as Memory | undefined;
        return memory === undefined ? of.initial : memory;
      },
      steadyMs: this.steadyMs,
      reservations,
      settingsOf: (group) => settingsFor({ settings: group }, settings),
    };
  }
}
