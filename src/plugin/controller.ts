import type { ControlDecl, GuestRef, PolicyScalar } from '../model/control.ts';
import type { Action, GuardedRequest, Outcome, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Host } from '../ports/host.ts';
import type { Hypervisor } from '../ports/hypervisor.ts';
import type { SettingKeys, SettingsGroup, SettingsOf } from './settings.ts';

export interface ControllerContext<Keys extends SettingKeys = SettingKeys> {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  /** Longest wait for one write, milliseconds. */
  readonly callTimeoutMs: number;
  /** What the config says now of the controller's own keys; a reload may change it. */
  readonly settings: () => SettingsOf<Keys>;
}

/** One change of a control, as people read it before and after it was made. */
export interface Change {
  readonly control: string;
  /** null: of the host. */
  readonly guest: GuestRef | null;
  /** null: not known. */
  readonly from: PolicyScalar;
  readonly to: PolicyScalar;
}

/**
 * Turns requests into writes. `plan` is a pure function of what the guards left of what the policy asked, and of what
 * was seen. Dry run, replay and simulation call `plan` and never `apply`.
 */
export interface Controller<Keys extends SettingKeys = SettingKeys> {
  readonly name: string;
  readonly controls: readonly ControlDecl[];
  /** How many of its writes may be under way at once, in the order of the plan; 1 when left out. */
  readonly concurrency?: number;
  readonly settings?: SettingsGroup<Keys>;
  /**
   * Pure. Called once an interval with the requests for this controller's controls. Each becomes an action or is held,
   * never both and never neither: guards may be switched off, so a value can be anything that a policy computes.
   */
  plan(requests: readonly GuardedRequest[], input: PolicyInput, settings: SettingsOf<Keys>): Plan;
  /** The line for the log: `X from A to B`. */
  describe(change: Change): string;
  /** Opens the effectful half. */
  create(context: ControllerContext<Keys>): {
    /** Remembers what to put back; called once with the first snapshot, and for later ones so that guests that appear are known too. */
    observe(input: PolicyInput): void;
    /** One write. Known failures are outcomes, never exceptions. */
    apply(action: Action, signal: AbortSignal): Promise<Outcome>;
    /** The actions that put everything back to what it was at start; for `shutdown: restore`. */
    restore(): readonly Action[];
  };
}

export function defineController<Keys extends SettingKeys>(controller: Controller<Keys>): Controller<Keys> {
  return controller;
}
