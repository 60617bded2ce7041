import type { Logger } from 'pino';
import { describeOverride, type ParamOverride } from '../model/parameter.ts';
import { escapeControls } from '../model/text.ts';
import { ParamResolver, type BoundOverride } from '../policy/index.ts';
import { parameterChanges, transition } from '../parameters/changes.ts';
import { parametersDisk, type ParametersDisk } from '../parameters/disk.ts';
import { inForce, readParametersFile, type Parameters } from '../parameters/load.ts';

/** A file system that hangs must not hold the daemon up: it goes on with the values that it has, milliseconds. */
const PATIENCE_MS = 500;

/**
 * The values that the daemon gives to parameters. It follows the parameters file: right content counts from the next evaluation on,
 * and each change is told; wrong content is told once, and changes nothing.
 */
export class LiveParameters {
  readonly #log: Logger;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #disk: ParametersDisk;
  #parameters: Parameters | null = null;
  #inForce: readonly BoundOverride[] = [];
  #resolver: ParamResolver | null = null;
  /** The file as it was looked at last, right or wrong. */
  #stamp: string | null = null;
  /** A look that has not come back in time. */
  #late: Promise<void> | null = null;

  constructor(
    log: Logger,
    parameters: Parameters | null,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
    disk: ParametersDisk = parametersDisk,
  ) {
    this.#log = log;
    this.#sleep = sleep;
    this.#disk = disk;
    this.#take(parameters);
  }

  /** null: there is nothing to set. */
  get resolver(): ParamResolver | null {
    return this.#resolver;
  }

  /** The same list as long as nothing changes. */
  get overrides(): readonly ParamOverride[] {
    return this.#inForce;
  }

  /** Takes what was read anew with the config and the policies. */
  replace(parameters: Parameters | null): void {
    // They were read after it began: its disk answers, or it is another one.
    this.#late = null;
    this.#follow(parameters);
  }

  /** Looks whether the file has changed. Never rejects. */
  async look(): Promise<void> {
    const file = this.#parameters?.file?.path;
    // One that hangs is not waited for again, and gets no second one beside it.
    if (file === undefined || this.#late !== null) return;
    const looking = this.#look();
    const enough = new AbortController();
    const isInTime = await Promise.race([
      looking.then(() => true),
      this.#sleep(PATIENCE_MS, enough.signal).then(() => false),
    ]);
    enough.abort();
    if (isInTime) return;
    this.#late = looking;
    this.#log.warn(
      { file },
      `The parameters in force stay until the parameters file answers: nothing came from it within ${PATIENCE_MS} ms`,
    );
    void looking.then(() => {
      if (this.#late !== looking) return;
      this.#late = null;
      this.#log.info({ file }, 'The parameters file answers again');
    });
  }

  async #look(): Promise<void> {
    const parameters = this.#parameters;
    if (parameters === null || parameters.file === null) return;
    const { path } = parameters.file;
    const stamp = await this.#disk.stampOf(path);
    if (stamp === this.#stamp) return;
    const file = await readParametersFile(path, stamp, parameters.judge, this.#disk);
    // It may be half written, or new orders may have come meanwhile.
    if ((await this.#disk.stampOf(path)) !== stamp || this.#parameters !== parameters) return;
    this.#stamp = stamp;
    if ('problems' in file) {
      this.#log.error({ file: path }, 'The parameters in force stay, because the parameters file is wrong:');
      for (const line of file.problems) this.#log.error({ file: path }, line);
      return;
    }
    for (const line of file.warnings) this.#log.warn({ file: path }, line);
    this.#follow({ ...parameters, file });
  }

  #follow(parameters: Parameters | null): void {
    const before = this.#inForce;
    this.#take(parameters);
    this.#tellChanges(before);
  }

  #take(parameters: Parameters | null): void {
    this.#parameters = parameters;
    this.#stamp = parameters?.file?.stamp ?? null;
    this.#inForce = parameters === null ? [] : inForce(parameters);
    this.#resolver = parameters === null ? null : new ParamResolver(this.#inForce);
  }

  #tellChanges(before: readonly BoundOverride[]): void {
    if (this.#parameters === null) return;
    for (const change of parameterChanges(before, this.#inForce, this.#parameters.judge)) {
      const {
        override: { name, target },
        from,
        to,
      } = change;
      this.#log.info(
        {
          parameter: name,
          ...(target.kind === 'label' && { label: target.label }),
          ...(target.kind === 'guest' && { guests: target.pattern }),
          from,
          to,
        },
        escapeControls(`Parameter ${describeOverride(change.override)} ${transition(change)}`),
      );
    }
  }
}
