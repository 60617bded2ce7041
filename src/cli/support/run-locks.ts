import type { Config } from '../../config/model.ts';
import { hostHolder, lockHost, lockRecording, told, type HeldLock } from './locks.ts';

/** The locks of `ballast run` and `ballast record`: for the host, unless it changes nothing, and for its recording. */
export class RunLocks {
  readonly #what: string;
  readonly #host: HeldLock | null;
  /** For the log, once it is open. */
  readonly warnings: readonly string[];
  #recording: { readonly path: string; readonly release: () => Promise<void> } | null = null;

  private constructor(what: string, host: HeldLock | null, warnings: readonly string[]) {
    this.#what = what;
    this.#host = host;
    this.warnings = warnings;
  }

  /** @throws SetupError when another process holds one */
  static async take(config: Config, userRuntime: string | undefined, what: string): Promise<RunLocks> {
    const host = config.dryRun ? null : await lockHost(config, userRuntime, what);
    const other = config.dryRun ? await hostHolder(config, userRuntime) : null;
    const beside = other === null ? null : `${told(other)} writes to this host; this one only watches`;
    const warnings = [host?.warning ?? null, beside].filter((warning) => warning !== null);
    const locks = new RunLocks(what, host, warnings);
    try {
      await locks.follow(config);
    } catch (error) {
      await locks.release();
      throw error;
    }
    return locks;
  }

  /** Locks the recording of a new config, and gives up that of the last one. @throws SetupError when another process holds it */
  async follow({ record }: Config): Promise<void> {
    const before = this.#recording;
    if (record?.path === before?.path) return;
    this.#recording =
      record === null ? null : { path: record.path, release: await lockRecording(record.path, this.#what) };
    await before?.release();
  }

  async release(): Promise<void> {
    await this.#recording?.release();
    await this.#host?.release();
  }
}
