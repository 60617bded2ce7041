import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { ShadowInterval } from '../model/shadow.ts';
import type { HypervisorEvent } from '../ports/hypervisor.ts';
import type { IntervalObserver, PolicyText } from './observer.ts';

/** All observers of a daemon. No method rejects: the first exception of each observer is logged with its stack. */
export class Observers {
  readonly #observers: readonly IntervalObserver[];
  readonly #log: Logger;
  readonly #failed = new Set<IntervalObserver>();

  constructor(observers: readonly IntervalObserver[], log: Logger) {
    this.#observers = observers;
    this.#log = log;
  }

  /** What hinders them now. */
  get troubles(): readonly string[] {
    return this.#observers.flatMap(({ trouble }) => trouble ?? []);
  }

  observe(report: IntervalReport): Promise<void> {
    return this.#each((observer) => observer.observe(report));
  }

  compared(shadow: ShadowInterval): Promise<void> {
    return this.#each((observer) => observer.compared?.(shadow));
  }

  /** Does not wait: no observer may delay the loop or the connection. */
  skipped(count: number): void {
    void this.#each((observer) => observer.skipped?.(count));
  }

  hypervisorEvent(event: HypervisorEvent): void {
    void this.#each((observer) => observer.hypervisorEvent?.(event));
  }

  reconfigure(
    config: Config,
    keptSnapshots: number,
    policies: readonly PolicyText[],
    shadow: readonly PolicyText[] = [],
  ): Promise<void> {
    return this.#each((observer) => observer.reconfigure?.(config, keptSnapshots, policies, shadow));
  }

  close(): Promise<void> {
    return this.#each((observer) => observer.close?.());
  }

  async #each(call: (observer: IntervalObserver) => void | Promise<void>): Promise<void> {
    await Promise.all(
      this.#observers.map(async (observer) => {
        try {
          await call(observer);
        } catch (error) {
          this.#logFailure(observer, error);
        }
      }),
    );
  }

  #logFailure(observer: IntervalObserver, error: unknown): void {
    if (this.#failed.has(observer)) return;
    this.#failed.add(observer);
    const err = error instanceof Error ? error : new Error(String(error));
    this.#log.error(
      { err, observer: observer.name },
      `A defect in the observer "${observer.name}", please report it: ${err.message}; the daemon continues, and later failures of this observer are not logged`,
    );
  }
}
