import { Partitions } from '../export/partitions.ts';
import { Rows, type Row } from '../export/rows.ts';
import { tablesOf, type TableName } from '../export/tables.ts';
import { unwritable } from '../model/file-errors.ts';
import type { IntervalReport } from '../model/interval-report.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { headerOf, recordedInterval } from '../observe/interval-recorder.ts';
import { OperatorError } from '../support/operator-error.ts';
import { EPOCH_MS } from '../simulation/constants.ts';
import type { Simulated, Simulation } from './simulation.ts';

/** Where the tables of a simulation go. */
export interface TableOutput {
  /** The directory of all tables. */
  readonly root: string;
  /** The value of `host=`. */
  readonly host: string;
  /** For the metadata of the files. */
  readonly createdBy: string;
}

/** Writes a simulation as the tables of `ballast export`. Nothing has its name before the end. */
export class TableRecorder {
  readonly #partitions: Partitions;
  readonly #rows: Rows;
  readonly #root: string;
  #waiting: (readonly [TableName, number, Row])[] = [];

  /** @param vocabulary as an export has it: the columns are the same */
  constructor(
    { config }: Pick<Simulated, 'config'>,
    { recordedRun }: Pick<Simulation, 'recordedRun'>,
    { root, host, createdBy }: TableOutput,
    vocabulary: Vocabulary,
  ) {
    const started = new Date(EPOCH_MS).toISOString();
    const header = { ...headerOf(config, recordedRun), started, memory: { host: {}, guests: {} } };
    const tables = tablesOf(vocabulary);
    const name = started.replace(/[-:.]/g, '');
    this.#root = root;
    this.#partitions = new Partitions({ root, host, name, tables, createdBy });
    this.#rows = new Rows(header, tables, (...row) => this.#waiting.push(row));
  }

  /** @throws OperatorError when it cannot be written */
  async observe(report: IntervalReport): Promise<void> {
    this.#rows.add(recordedInterval(report));
    await this.#write();
  }

  /** Completes the files and gives them their names. @throws OperatorError when they cannot be written */
  async publish(): Promise<void> {
    this.#rows.end();
    await this.#write();
    await this.#orUnwritable(() => this.#partitions.publish());
  }

  /** Removes what has no name yet. */
  async discard(): Promise<void> {
    await this.#partitions.discard();
  }

  async #write(): Promise<void> {
    const due = this.#waiting;
    this.#waiting = [];
    await this.#orUnwritable(async () => {
      for (const row of due) await this.#partitions.add(...row);
    });
  }

  async #orUnwritable(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      const why = unwritable(error);
      if (why === null) throw error;
      const { path } = error as NodeJS.ErrnoException;
      throw new OperatorError(`${path ?? this.#root} cannot be written: ${why}`, { cause: error });
    }
  }
}
