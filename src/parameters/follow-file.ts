import { describeOverride, type ParamOverride } from '../model/parameter.ts';
import { escapeControls } from '../model/text.ts';
import { ParamResolver, type BoundOverride } from '../policy/index.ts';
import { parameterChanges, transition } from './changes.ts';
import { parametersDisk, readParametersFile, type ParametersDisk } from './file.ts';
import { effectiveOverrides, type Parameters } from './parameters.ts';

/** How long an interval waits for the file system before it continues with the current values, milliseconds. */
const READ_TIMEOUT_MS = 500;

/** What the follower depends on. */
export interface FollowerContext {
  /** Writes a line to the log. */
  log(level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, string | null>>): void;
  /** Resolves after `ms` milliseconds, or when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Absent: the file system. */
  readonly disk?: ParametersDisk;
}

/**
 * The parameter values of the daemon. Follows the parameters file: valid content takes effect at the next evaluation and each
 * change is logged; invalid content is logged once and ignored.
 */
export class FollowedParameters {
  readonly #log: FollowerContext['log'];
  readonly #sleep: FollowerContext['sleep'];
  readonly #disk: ParametersDisk;
  #parameters: Parameters | null = null;
  #current: readonly BoundOverride[] = [];
  #resolver: ParamResolver | null = null;
  /** Stamp of the file at the last check, valid or not. */
  #stamp: string | null = null;
  /** A check that timed out and is still pending. */
  #pending: Promise<void> | null = null;

  constructor(parameters: Parameters | null, { log, sleep, disk = parametersDisk }: FollowerContext) {
    this.#log = log;
    this.#sleep = sleep;
    this.#disk = disk;
    this.#take(parameters);
  }

  /** All sources, as they are in effect. */
  get parameters(): Parameters | null {
    return this.#parameters;
  }

  /** null if there are no parameters. */
  get resolver(): ParamResolver | null {
    return this.#resolver;
  }

  /** The same array until a value changes. */
  get overrides(): readonly ParamOverride[] {
    return this.#current;
  }

  /** Replaces all values after a reload. */
  replace(parameters: Parameters | null): void {
    // These values were read after the pending check started, so its result is obsolete.
    this.#pending = null;
    this.#follow(parameters);
  }

  /** Checks whether the file has changed. Never rejects. */
  async check(): Promise<void> {
    const file = this.#parameters?.file?.path;
    // While a check is pending, no further check starts.
    if (file === undefined || this.#pending !== null) return;
    const check = this.#check();
    const timeout = new AbortController();
    const isInTime = await Promise.race([
      check.then(() => true),
      this.#sleep(READ_TIMEOUT_MS, timeout.signal).then(() => false),
    ]);
    timeout.abort();
    if (isInTime) return;
    this.#pending = check;
    this.#log(
      'warn',
      `The parameters file could not be read within ${READ_TIMEOUT_MS} ms; the current parameters stay in effect`,
      { file },
    );
    void check.then(() => {
      if (this.#pending !== check) return;
      this.#pending = null;
      this.#log('info', 'The parameters file can be read again', { file });
    });
  }

  async #check(): Promise<void> {
    const parameters = this.#parameters;
    if (parameters === null || parameters.file === null) return;
    const { path } = parameters.file;
    const stamp = await this.#disk.stampOf(path);
    if (stamp === this.#stamp) return;
    const file = await readParametersFile(path, parameters.context, this.#disk, stamp);
    // The file may have been partly written, or a reload may have replaced the parameters.
    if ((await this.#disk.stampOf(path)) !== stamp || this.#parameters !== parameters) return;
    this.#stamp = stamp;
    if ('problems' in file) {
      this.#log('error', 'The parameters file is invalid; the current parameters stay in effect:', { file: path });
      for (const line of file.problems) this.#log('error', line, { file: path });
      return;
    }
    for (const line of file.warnings) this.#log('warn', line, { file: path });
    this.#follow({ ...parameters, file });
  }

  #follow(parameters: Parameters | null): void {
    const before = this.#current;
    this.#take(parameters);
    this.#logChanges(before);
  }

  #take(parameters: Parameters | null): void {
    this.#parameters = parameters;
    this.#stamp = parameters?.file?.stamp ?? null;
    this.#current = parameters === null ? [] : effectiveOverrides(parameters);
    this.#resolver = parameters === null ? null : new ParamResolver(this.#current);
  }

  #logChanges(before: readonly BoundOverride[]): void {
    if (this.#parameters === null) return;
    for (const change of parameterChanges(before, this.#current, this.#parameters.context)) {
      const { override, from, to } = change;
      const { name, target } = override;
      this.#log('info', escapeControls(`Parameter ${describeOverride(override)} ${transition(change)}`), {
        parameter: name,
        ...(target.kind === 'label' && { label: target.label }),
        ...(target.kind === 'guest' && { guests: target.pattern }),
        from,
        to,
      });
    }
  }
}
