import type { ControlDecl, ControlValue, GuestRef, PolicyScalar, RequestedValue } from '../model/control.ts';
import type { Action, GuardedRequest, Held, Outcome, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Host } from '../ports/host.ts';
import type { Hypervisor } from '../ports/hypervisor.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

export interface ControllerContext<Keys extends SettingKeys = SettingKeys> {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  /** Timeout of one write, milliseconds. */
  readonly callTimeoutMs: number;
  /** The current values of the controller's config keys; a reload can change them. */
  readonly settings: () => SettingsOf<Keys>;
}

/** One change of a control, for messages before and after it is made. */
export interface Change {
  readonly control: string;
  /** null: the host. */
  readonly guest: GuestRef | null;
  /** null: unknown. */
  readonly from: PolicyScalar;
  readonly to: PolicyScalar;
}

/**
 * Turns requests into writes. `plan` is a pure function of the requests that the guards passed, and of the statistics.
 * Dry run, replay and simulation call `plan`, but never `apply`.
 */
export interface Controller<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  /** Used only if the config lists it. Absent: used unless the config lists others. */
  readonly optIn?: true;
  readonly controls: readonly ControlDecl[];
  /** Maximum number of concurrent writes, started in the order of the plan. Default: 1. */
  readonly concurrency?: number;
  readonly settings?: SettingsGroup<Keys>;
  /**
   * Pure. Called once per interval with the requests for this controller's controls. Each request must become either an action
   * or a held request. Guards may be disabled, so a value can be anything that a policy computes.
   */
  plan(requests: readonly GuardedRequest[], input: PolicyInput, settings: SettingsOf<Keys>): Plan;
  /** The log message: `X from A to B`. */
  describe(change: Change): string;
  /**
   * Pure. The present values of the controls, as far as they are known. The daemon remembers the first one of each control and
   * guest, and restores it at exit with `shutdown: restore`. Absent: the controller changes nothing that needs restoring.
   */
  values?(input: PolicyInput): readonly ControlValue[];
  /**
   * Pure. What to request to restore `found`; guards and `plan` then treat it as requests of a policy. Called again after each
   * pass, with what was held back so far, until it requests nothing new. Absent: each found value that is not the present one.
   */
  restore?(found: readonly ControlValue[], input: PolicyInput, held: readonly Held[]): Restoring;
  /** Pure. Requests that give guests back all that was taken from them; for `shutdown: release`. Absent: nothing is taken. */
  release?(input: PolicyInput): readonly RequestedValue[];
  /**
   * Pure. The input as if these writes had taken effect: a guest may follow a write only after the last snapshot. Absent: a
   * write takes effect at once.
   */
  settled?(input: PolicyInput, writes: readonly ControlValue[]): PolicyInput;
  /** Creates the part with side effects. */
  create(context: ControllerContext<Keys>): {
    /** Makes one write. Expected failures are outcomes, never exceptions. */
    apply(action: Action, signal: AbortSignal): Promise<Outcome>;
  };
}

export interface Restoring {
  readonly requests: readonly RequestedValue[];
  /** What the controller itself leaves as it is. */
  readonly held: readonly Held[];
}

/** Returns its argument; infers the type of a controller literal. */
export function defineController<Keys extends SettingKeys>(controller: Controller<Keys>): Controller<Keys> {
  return controller;
}
