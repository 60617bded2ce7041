import { describeOverride, type ParamOverride } from '../model/parameter.ts';
import { escapeControls } from '../model/text.ts';
import { ParamResolver, type BoundOverride } from '../policy/index.ts';
import { parameterChanges, transition } from './changes.ts';
import { parametersDisk, readParametersFile, type ParametersDisk } from './file.ts';
import { inForce, type Parameters } from './parameters.ts';

/** A file system that hangs must not hold the daemon up: it goes on with the values that it has, milliseconds. */
const PATIENCE_MS = 500;

/** What the follower needs of its surroundings. */
export interface Surroundings {
  /** Writes a line to the log. */
  tell(level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, string | null>>): void;
  /** Resolves after `ms` milliseconds, or when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Absent: the file system. */
  readonly disk?: ParametersDisk;
}

/**
 * The values that the daemon gives to parameters. It follows the parameters file: right content counts from the next evaluation on,
 * and each change is told; wrong content is told once, and changes nothing.
 */
export class FollowedParameters {
  readonly #tell: Surroundings['tell'];
  readonly #sleep: Surroundings['sleep'];
  readonly #disk: ParametersDisk;
  #parameters: Parameters | null = null;
  #inForce: readonly BoundOverride[] = [];
  #resolver: ParamResolver | null = null;
  /** The file as it was looked at last, right or wrong. */
  #stamp: string | null = null;
  /** A look that has not come back in time. */
  #late: Promise<void> | null = null;

  constructor(parameters: Parameters | null, { tell, sleep, disk = parametersDisk }: Surroundings) {
    this.#tell = tell;
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
    this.#tell(
      'warn',
      `The parameters in force stay until the parameters file answers: nothing came from it within ${PATIENCE_MS} ms`,
      { file },
    );
    void looking.then(() => {
      if (this.#late !== looking) return;
      this.#late = null;
      this.#tell('info', 'The parameters file answers again', { file });
    });
  }

  async #look(): Promise<void> {
    const parameters = this.#parameters;
    if (parameters === null || parameters.file === null) return;
    const { path } = parameters.file;
    const stamp = await this.#disk.stampOf(path);
    if (stamp === this.#stamp) return;
    const file = await readParametersFile(path, parameters.judge, this.#disk, stamp);
    // It may be half written, or new orders may have come meanwhile.
    if ((await this.#disk.stampOf(path)) !== stamp || this.#parameters !== parameters) return;
    this.#stamp = stamp;
    if ('problems' in file) {
      this.#tell('error', 'The parameters in force stay, because the parameters file is wrong:', { file: path });
      for (const line of file.problems) this.#tell('error', line, { file: path });
      return;
    }
    for (const line of file.warnings) this.#tell('warn', line, { file: path });
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
      const { override, from, to } = change;
      const { name, target } = override;
      this.#tell('info', escapeControls(`Parameter ${describeOverride(override)} ${transition(change)}`), {
        parameter: name,
        ...(target.kind === 'label' && { label: target.label }),
        ...(target.kind === 'guest' && { guests: target.pattern }),
        from,
        to,
      });
    }
  }
}
