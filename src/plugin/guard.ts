import type { PolicyScalar } from '../model/control.ts';
import type { Action, GuardedRequest } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

/** What a guard says of one request or action. Whatever it does not mention stands as it is. */
export type Ruling =
  | { readonly kind: 'hold'; readonly why: string }
  /** `notes` say in words what was changed and why. */
  | { readonly kind: 'change'; readonly value: PolicyScalar; readonly notes: readonly string[] };

/** A guard's rulings by what they are about. */
export type Rulings<Subject> = ReadonlyMap<Subject, Ruling>;

/**
 * One safety rule, under every policy: a pure function over all requests of an interval and what was seen of host and
 * guests. It holds back, changes and says why in words; it cannot invent a request, nor lose one without a word.
 * Dry run, replay and simulation apply the same guards.
 */
export interface Guard<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  /** One line for the reference: what it keeps from happening. */
  readonly doc: string;
  readonly settings?: SettingsGroup<Keys>;
  /**
   * Over all requests, before any controller plans. Guards run in the order of their list, and each sees what those
   * before it left.
   */
  beforePlan?(
    requests: readonly GuardedRequest[],
    input: PolicyInput,
    settings: SettingsOf<Keys>,
  ): Rulings<GuardedRequest>;
  /** Over the actions of all controllers, in the order in which they are to be carried out. */
  afterPlan?(actions: readonly Action[], input: PolicyInput, settings: SettingsOf<Keys>): Rulings<Action>;
}

/** Guards are plain objects: this only gives their literals a type. */
export function defineGuard<Keys extends SettingKeys>(guard: Guard<Keys>): Guard<Keys> {
  return guard;
}
