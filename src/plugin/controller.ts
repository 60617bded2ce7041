import type { ControlDecl, GuestRef, PolicyScalar } from '../model/control.ts';
import type { Action, GuardedRequest, Outcome, Plan } from '../model/decision.ts';
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
  /** Creates the part with side effects. */
  create(context: ControllerContext<Keys>): {
    /** Remembers the values to restore. Called for every snapshot: the first, and later ones for guests that appear. */
    observe(input: PolicyInput): void;
    /** Makes one write. Expected failures are outcomes, never exceptions. */
    apply(action: Action, signal: AbortSignal): Promise<Outcome>;
    /** The actions that restore the values at startup; for `shutdown: restore`. */
    restore(): readonly Action[];
  };
}

/** Returns its argument; infers the type of a controller literal. */
export function defineController<Keys extends SettingKeys>(controller: Controller<Keys>): Controller<Keys> {
  return controller;
}
