import type { Config } from '../config/model.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { IntervalObserver } from '../observe/observer.ts';
import { waitAtMost } from '../support/deadline.ts';

export interface ServiceNoticesOptions {
  /** Sends notices. @throws Error that says why it could not */
  readonly send: (notices: readonly string[]) => Promise<void>;
  /** The longest time between two signs of life that the unit allows, milliseconds; null: no watchdog. */
  readonly watchdogMs: number | null;
  readonly collectIntervalMs: number;
  readonly monotonic: () => number;
  readonly log: LoggerOf;
}

/** Intervals without a sign of life after which the daemon counts as hung, at least. */
const LEAST_INTERVALS = 3;

/** How long the exit waits for what was not sent yet, milliseconds. */
const CLOSE_MS = 1000;

/**
 * Says to the service manager when the daemon is ready, reloads and stops, and feeds its watchdog with completed intervals: a
 * daemon that hangs anywhere in an interval is restarted. Nothing waits for the service manager.
 */
export class ServiceNotices implements IntervalObserver {
  readonly name = 'service';
  readonly #options: ServiceNoticesOptions;
  #collectIntervalMs: number;
  /** As agreed with the service manager; null: no watchdog. */
  #watchdogMs: number | null;
  #fedMs = -Infinity;
  #isReady = false;
  /** Notices in the order of their events. */
  #sent: Promise<void> = Promise.resolve();
  #waiting = 0;
  #hasFailed = false;

  constructor(options: ServiceNoticesOptions) {
    this.#options = options;
    this.#collectIntervalMs = options.collectIntervalMs;
    this.#watchdogMs = options.watchdogMs;
  }

  /** Called after each interval. */
  observe(): void {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#send(['READY=1', ...this.#agreedWatchdog()]);
    }
    this.#feed();
  }

  reconfigure({ collectIntervalMs }: Pick<Config, 'collectIntervalMs'>): void {
    this.#collectIntervalMs = collectIntervalMs;
    const changed = this.#isReady ? this.#agreedWatchdog() : [];
    if (changed.length > 0) this.#send(changed);
  }

  reloading(): void {
    // systemd compares this time with its own of the request.
    const nowUs = Math.floor(this.#options.monotonic() * 1000);
    this.#send(['RELOADING=1', `MONOTONIC_USEC=${nowUs}`]);
  }

  /** The reload has ended, well or not. Before the first interval it says nothing: the start has not ended. */
  reloaded(): void {
    if (this.#isReady) this.#send(['READY=1']);
  }

  stopping(): void {
    this.#send(['STOPPING=1']);
  }

  async close(): Promise<void> {
    await waitAtMost(this.#sent, { ms: CLOSE_MS });
  }

  /** A watchdog that is shorter than a few intervals would end a daemon that works. */
  #agreedWatchdog(): readonly string[] {
    const { watchdogMs } = this.#options;
    if (watchdogMs === null) return [];
    const needed = Math.max(watchdogMs, LEAST_INTERVALS * this.#collectIntervalMs);
    if (needed === this.#watchdogMs) return [];
    this.#watchdogMs = needed;
    return [`WATCHDOG_USEC=${needed * 1000}`];
  }

  /** Twice in the time that is allowed, as sd_watchdog_enabled(3) recommends, and not while an earlier notice hangs. */
  #feed(): void {
    if (this.#watchdogMs === null || this.#waiting > 1) return;
    const now = this.#options.monotonic();
    if (now + this.#collectIntervalMs - this.#fedMs <= this.#watchdogMs / 2) return;
    this.#fedMs = now;
    this.#send(['WATCHDOG=1']);
  }

  #send(notices: readonly string[]): void {
    this.#waiting++;
    this.#sent = this.#sent.then(async () => {
      try {
        await this.#options.send(notices);
      } catch (error) {
        this.#logFailure((error as Error).message);
      } finally {
        this.#waiting--;
      }
    });
  }

  #logFailure(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options
      .log('daemon')
      .error(
        `Cannot notify systemd: ${why}. With Type=notify it ends this service after TimeoutStartSec or WatchdogSec; the unit needs NotifyAccess=all, or use Type=exec without WatchdogSec`,
      );
  }
}
