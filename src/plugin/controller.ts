import type { ControlDecl, ControlRequest } from '../model/control.ts';
import type { Action, Outcome, Plan } from '../model/decision.ts';
import type { PolicyInput } from '../model/snapshot.ts';
import type { Host } from '../ports/host.ts';
import type { Hypervisor } from '../ports/hypervisor.ts';

export interface ControllerContext {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  readonly settings: ControllerSettings;
}

export interface ControllerSettings {
  readonly balloon: BalloonSettings;
  /** Longest wait for one write, milliseconds. */
  readonly callTimeoutMs: number;
}

export interface BalloonSettings {
  /** No guest is ballooned below this, KiB, whatever the policy asks. */
  readonly floorKib: number;
  /** Nor below this share of its maximum, 0 to 1. */
  readonly floorRatio: number;
  /**
   * A guest that gives memory keeps at least so much that it could use at once, KiB (`usable`, or `mem_unused` where
   * the guest does not report that). 0: a policy may take memory that the guest is using.
   */
  readonly headroomKib: number;
  /** The guest's statistics must be younger than this, milliseconds, for its balloon to be moved. */
  readonly maxStatsAgeMs: number;
}

/**
 * Turns requests into writes. `plan` is the guard: a pure function of what the policy asked and what was seen; it
 * clamps, holds back and orders, and says why in words. Dry-run, replay and simulation call `plan` and never `apply`.
 */
export interface Controller {
  readonly name: string;
  readonly controls: readonly ControlDecl[];
  /** How many of its writes may be under way at once, in the order of the plan; 1 when left out. */
  readonly concurrency?: number;
  /** Pure. Called once an interval with the requests for this controller's controls. */
  plan(requests: readonly ControlRequest[], input: PolicyInput, settings: ControllerSettings): Plan;
  /** Opens the effectful half. */
  create(context: ControllerContext): {
    /** Remembers what to put back; called once with the first snapshot, and for later ones so that guests that appear are known too. */
    observe(input: PolicyInput): void;
    /** One write. Known failures are outcomes, never exceptions. */
    apply(action: Action, signal: AbortSignal): Promise<Outcome>;
    /** The actions that put everything back to what it was at start; for `shutdown: restore`. */
    restore(): readonly Action[];
  };
}

export function defineController<T extends Controller>(controller: T): T {
  return controller;
}
