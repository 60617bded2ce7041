import { labellerOf } from '../config/guest-labels.ts';
import type { Config } from '../config/model.ts';
import type { Labeller } from '../model/labels.ts';
import type { Parameters } from '../parameters/parameters.ts';
import type { Program } from '../policy/index.ts';

/** What a daemon runs with. It can be replaced while the daemon runs. */
export interface DaemonConfig {
  readonly config: Config;
  /** null: only collect and record. */
  readonly program: Program | null;
  /** What is set for the program's parameters. Absent: nothing. */
  readonly parameters?: Parameters;
}

/** The configuration in force, what follows from it, and the one that is to replace it. */
export class ActiveConfiguration {
  #current: DaemonConfig;
  #labeller: Labeller;
  #next: DaemonConfig | null = null;

  constructor(first: DaemonConfig) {
    this.#current = first;
    this.#labeller = labellerOf(first.config.guestLabels);
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

  /** The labels of a guest: what the config says in force, and its own. */
  readonly labels: Labeller = (name, own) => this.#labeller(name, own);

  /** Puts a configuration in the place of the one that was waiting, if any. It counts once it is adopted. */
  setNext(next: DaemonConfig): void {
    this.#next = next;
  }

  /** Puts the one that waits into force; false when none does. */
  adoptNext(): boolean {
    const next = this.#next;
    if (next === null) return false;
    this.#next = null;
    this.#current = next;
    this.#labeller = labellerOf(next.config.guestLabels);
    return true;
  }
}
