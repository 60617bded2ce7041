import { labellerOf } from '../config/guest-labels.ts';
import { metadataFilter, type Permitted } from './guest-metadata.ts';
import type { Config } from '../config/model.ts';
import { keptSnapshots, NO_HISTORY_NEED } from '../model/history-need.ts';
import type { Labeller } from '../model/labels.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { BoundOverride, Program } from '../policy/index.ts';
import type { GuestReading } from '../ports/hypervisor.ts';

/** A daemon's configuration and policy, replaceable at run time. */
export interface DaemonConfig {
  readonly config: Config;
  /** null: the daemon only collects and records. */
  readonly program: Program | null;
  /** Overrides of the program's parameters. Absent: none. */
  readonly parameters?: Parameters;
  /** A second policy that is evaluated beside it, and writes nothing. Absent: none. */
  readonly shadow?: ShadowPolicy;
}

export interface ShadowPolicy {
  readonly program: Program;
  /** Values of its parameters that take precedence over those of the policy. */
  readonly own: readonly BoundOverride[];
}

/** The active configuration, values derived from it, and the pending configuration. */
export class ActiveConfiguration {
  #current: DaemonConfig;
  #labeller: Labeller;
  #metadataFilter: (reading: GuestReading) => Permitted;
  #next: DaemonConfig | null = null;

  constructor(first: DaemonConfig) {
    this.#current = first;
    this.#labeller = labellerOf(first.config.guestLabels);
    this.#metadataFilter = metadataFilter(first.config);
  }

  get config(): Config {
    return this.#current.config;
  }

  get program(): Program | null {
    return this.#current.program;
  }

  get parameters(): Parameters | null {
    return this.#current.parameters ?? null;
  }

  get shadow(): ShadowPolicy | null {
    return this.#current.shadow ?? null;
  }

  /** The pending configuration, or the active one. */
  get upcoming(): DaemonConfig {
    return this.#next ?? this.#current;
  }

  /** Snapshots to keep for the history methods of the program. */
  get keptSnapshots(): number {
    const { history, collectIntervalMs } = this.config;
    return keptSnapshots(this.program?.historyNeed ?? NO_HISTORY_NEED, history, collectIntervalMs);
  }

  /** The labels of a guest: those from the active config and its own. */
  readonly labels: Labeller = (name, own) => this.#labeller(name, own);

  /** A reading without what the active config does not permit the guest's metadata to say. */
  permitted(reading: GuestReading): Permitted {
    return this.#metadataFilter(reading);
  }

  /** Sets the pending configuration, replacing an earlier one. It takes effect with {@link adoptNext}. */
  setNext(next: DaemonConfig): void {
    this.#next = next;
  }

  /** Activates the pending configuration; false when there is none. */
  adoptNext(): boolean {
    const next = this.#next;
    if (next === null) return false;
    this.#next = null;
    this.#current = next;
    this.#labeller = labellerOf(next.config.guestLabels);
    this.#metadataFilter = metadataFilter(next.config);
    return true;
  }
}
