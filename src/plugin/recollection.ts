import type { Outcome } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

/** What became known since the last snapshot. */
export interface Seen {
  /** The new snapshot, with the history. */
  readonly input: PolicyInput;
  /** The outcomes of the writes since the last snapshot, in the order in which they ended. */
  readonly outcomes: readonly Outcome[];
  /** The guards' own time: see {@link GuardState}. */
  readonly steadyMs: number;
}

/**
 * Something that guards remember from interval to interval: a pure reducer over snapshots and outcomes of writes. Several guards
 * can read one. It is kept over a reload, but not over a restart.
 */
export interface Recollection<Memory = unknown, Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly initial: Memory;
  /** The settings that {@link next} receives: those of the guard that it belongs to. */
  readonly settings?: SettingsGroup<Keys>;
  /** Called with every snapshot that has host statistics, before the guards rule on it. Must not change its arguments. */
  next(memory: Memory, seen: Seen, settings: SettingsOf<Keys>): Memory;
}

/** Room on the host that is kept for a guest that is about to start or to arrive. */
export interface Reservation {
  /** Unique; a second reservation of the same name replaces the first. */
  readonly name: string;
  readonly kib: number;
  /** Who asked for it, for messages. */
  readonly client: string;
  /** Milliseconds since the epoch, by the host's clock. */
  readonly untilMs: number;
}

/** What guards know besides the statistics. */
export interface GuardState {
  /** What a recollection has stored; its initial value before the first snapshot. */
  recall<Memory>(of: Pick<Recollection<Memory>, 'name' | 'initial'>): Memory;
  /**
   * Milliseconds since the guards' start. Unlike the host's clock it never goes back, and a step of the clock moves it by a
   * few minutes at most, so that no cool-down lasts a day because the clock was set back a day.
   */
  readonly steadyMs: number;
  readonly reservations: readonly Reservation[];
  /** The settings of any guard: one may apply the limits of another to what it adds. */
  settingsOf<Keys extends SettingKeys>(group: SettingsGroup<Keys>): SettingsOf<Keys>;
}

/** Returns its argument; infers the types of a recollection literal. */
export function defineRecollection<Memory, Keys extends SettingKeys>(
  recollection: Recollection<Memory, Keys>,
): Recollection<Memory, Keys> {
  return recollection;
}
