import { MOST_SERIES, type HourlyStatistics } from '../engine/hourly-statistics.ts';
import { unwritable } from '../model/file-errors.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { waitAtMost } from '../support/deadline.ts';
import type { StatisticsFile } from './statistics-file.ts';

/** The time between two writes of the file, milliseconds. */
export const SAVE_EVERY_MS = 300_000;

/** How long a read, or the last write, may take, milliseconds: a hanging disk must not stop the daemon. */
const FILE_MS = 2000;

/** The statistics over days of a daemon, kept in a file. Failures are logged once; the daemon goes on without the file. */
export class SavedStatistics {
  readonly #statistics: HourlyStatistics;
  readonly #file: Pick<StatisticsFile, keyof StatisticsFile>;
  readonly #log: ReturnType<LoggerOf>;
  /** Milliseconds by a clock that is never set. */
  readonly #now: () => number;
  readonly #isDryRun: () => boolean;
  #isAdopted = false;
  #savedMs: number;
  /** A write that has not ended: another one must not overtake it. */
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #hasSaidFull = false;

  /** @param isDryRun a dry run, which may run beside the service, only reads the file */
  constructor(
    statistics: HourlyStatistics,
    file: Pick<StatisticsFile, keyof StatisticsFile>,
    {
      log,
      now,
      isDryRun,
    }: { readonly log: ReturnType<LoggerOf>; readonly now: () => number; readonly isDryRun: () => boolean },
  ) {
    this.#statistics = statistics;
    this.#file = file;
    this.#log = log;
    this.#now = now;
    this.#isDryRun = isDryRun;
    this.#savedMs = now();
  }

  /** Called before each interval: takes over what an earlier Ballast kept, as soon as a policy reads such statistics. */
  async adopt(): Promise<void> {
    if (this.#isAdopted || !this.#statistics.isUsed) return;
    this.#isAdopted = true;
    const { path } = this.#file;
    const waited = await waitAtMost(this.#file.read(), { ms: FILE_MS });
    const read = waited.ended ? waited.value : `no answer within ${FILE_MS} ms`;
    if (read === null) return;
    if (typeof read === 'string') {
      this.#log.warn({ file: path }, `The statistics of the last days begin anew: ${path} is not used: ${read}`);
      return;
    }
    this.#statistics.restore(read);
    this.#log.info(
      { file: path, hours: read.hours.length, guests: read.guests.length },
      `Took over the statistics of ${read.hours.length} ${read.hours.length === 1 ? 'hour' : 'hours'} from ${path}`,
    );
  }

  /** Called after each interval: writes the file every few minutes, without waiting for it. */
  saveIfDue(): void {
    if (this.#statistics.isFull && !this.#hasSaidFull) {
      this.#hasSaidFull = true;
      this.#log.warn(`Statistics over days are kept for ${MOST_SERIES} fields of guests; StatPercentile and StatSameHour of further ones are nil`); // prettier-ignore
    }
    if (this.#now() - this.#savedMs >= SAVE_EVERY_MS) this.#save();
  }

  /** Writes the file once more. */
  async close(): Promise<void> {
    this.#save();
    if (this.#writing !== null) await waitAtMost(this.#writing, { ms: FILE_MS });
  }

  #save(): void {
    if (this.#writing !== null || !this.#isAdopted || !this.#statistics.isUsed || this.#isDryRun()) return;
    const { state } = this.#statistics;
    if (state === null) return;
    this.#savedMs = this.#now();
    const { path } = this.#file;
    this.#writing = this.#file
      .write(state)
      .then(
        () => {
          if (this.#isFailing)
            this.#log.info({ file: path }, `The statistics of the last days are saved again, to ${path}`);
          this.#isFailing = false;
        },
        (error: unknown) => {
          const why = unwritable(error) ?? (error as Error).message;
          if (!this.#isFailing)
            this.#log.error(
              { file: path },
              `Cannot save the statistics of the last days to ${path}: ${why}; they are lost with a restart`,
            );
          this.#isFailing = true;
        },
      )
      .finally(() => (this.#writing = null));
  }
}
