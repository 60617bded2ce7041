import type { Condition } from '../model/condition.ts';
import type { ControlRequest, PolicyScalar } from '../model/control.ts';
import type { Action, GuardedRequest } from '../model/decision.ts';
import type { GuestFigures, HostFigures } from '../model/guard-figures.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { FieldValue } from '../model/field.ts';
import type { GuardState, Recollection } from './recollection.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

/** A guard's decision about one request or action. Without a ruling, it passes unchanged. */
export type Ruling =
  | { readonly kind: 'hold'; readonly why: string }
  /** `notes` explain what was changed and why. */
  | { readonly kind: 'change'; readonly value: PolicyScalar; readonly notes: readonly string[] };

/** A guard's rulings, by request or action. */
export type Rulings<Subject> = ReadonlyMap<Subject, Ruling>;

/** A request of a guard that no policy made: memory for a guest in pain, or what an emergency needs. */
export type Relief = Pick<ControlRequest, 'name' | 'guest' | 'value'> & { readonly reason: string };

/**
 * A safety rule that applies to every policy: a pure function of all requests of an interval, the statistics of host and
 * guests, and what guards remember. It can hold back or change requests, each with a reason; it cannot drop them silently.
 * Dry run, replay and simulation apply the same guards.
 */
export interface Guard<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  /** One line for the reference: what the guard prevents. */
  readonly doc: string;
  readonly settings?: SettingsGroup<Keys>;
  /** What this guard reads with `state.recall`. */
  readonly recalls?: readonly Recollection[];
  /**
   * Requests that the guard adds; each replaces the policy's request for the same control and guest. Called before all other
   * rules, in list order, with the requests so far; all guards, this one too, then rule on what was added. Also called in
   * intervals without an evaluation of the policy.
   */
  relieve?(
    requests: readonly GuardedRequest[],
    input: PolicyInput,
    settings: SettingsOf<Keys>,
    state: GuardState,
  ): readonly Relief[];
  /**
   * Called with all requests, before any controller plans. Guards run in list order; each receives the result of the previous
   * one.
   */
  beforePlan?(
    requests: readonly GuardedRequest[],
    input: PolicyInput,
    settings: SettingsOf<Keys>,
    state: GuardState,
  ): Rulings<GuardedRequest>;
  /** Called with the actions of all controllers, in execution order. */
  afterPlan?(
    actions: readonly Action[],
    input: PolicyInput,
    settings: SettingsOf<Keys>,
    state: GuardState,
  ): Rulings<Action>;
  /** What this guard thinks of a guest, as fields of the collector guest-guards. */
  readonly verdicts?: Readonly<Record<string, (uuid: string, state: GuardState) => FieldValue>>;
  /** What an operator should know about guests or the host, in every interval in which it holds; it is told once. */
  conditions?(input: PolicyInput, settings: SettingsOf<Keys>, state: GuardState): readonly Condition[];
  /** What this guard reckons with, for metrics. Only called when somebody reads them; must not throw. */
  figures?(input: PolicyInput, settings: SettingsOf<Keys>, state: GuardState): OwnFigures;
}

export interface OwnFigures {
  readonly host?: HostFigures;
  /** By uuid. */
  readonly guests?: ReadonlyMap<string, GuestFigures>;
}

/** Returns its argument; infers the type of a guard literal. */
export function defineGuard<Keys extends SettingKeys>(guard: Guard<Keys>): Guard<Keys> {
  return guard;
}
