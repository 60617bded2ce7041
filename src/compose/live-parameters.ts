import type { Logger } from 'pino';
import { describeOverride, type ParamOverride } from '../model/parameter.ts';
import { escapeControls } from '../model/text.ts';
import { ParamResolver, type BoundOverride } from '../policy/index.ts';
import { parameterChanges, transition } from './parameter-changes.ts';
import { inForce, readParametersFile, stampOf, type Parameters } from './parameters.ts';

/** A file system that hangs must not hold the daemon up: it goes on with the values that it has, milliseconds. */
const PATIENCE_MS = 500;

/**
 * The values that the daemon gives to parameters. It follows the parameters file: right content counts from the next evaluation on,
 * and each change is told; wrong content is told once, and changes nothing.
 */
export class LiveParameters {
  readonly #log: Logger;
  #parameters: Parameters | null = null;
  #inForce: readonly BoundOverride[] = [];
  #resolver: ParamResolver | null = null;
  /** The file as it was looked at last, right or wrong. */
  #stamp: string | null = null;
  #looking: Promise<void> | null = null;

  constructor(log: Logger, parameters: Parameters | null) {
    this.#log = log;
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
    const before = this.#inForce;
    this.#take(parameters);
    this.#tellChanges(before);
  }

  /** Looks whether the file has changed. Never rejects. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.#looking, enough]);
    clearTimeout(timer);
  }

  async #look(): Promise<void> {
    const parameters = this.#parameters;
    if (parameters === null || parameters.file === null) return;
    const { path } = parameters.file;
    const stamp = await stampOf(path);
    if (stamp === this.#stamp) return;
    const file = await readParametersFile(path, stamp, parameters.judge);
    // It may be half written, or new orders may have come meanwhile.
    if ((await stampOf(path)) !== stamp || this.#parameters !== parameters) return;
    this.#stamp = stamp;
    if ('problems' in file) {
      this.#log.error({ file: path }, 'The parameters in force stay, because the parameters file is wrong:');
      for (const line of file.problems) this.#log.error({ file: path }, line);
      return;
    }
    for (const line of file.warnings) this.#log.warn({ file: path }, line);
    this.replace({ ...parameters, file });
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
      const { override: { name, target }, from, to } = change;
      this.#log.info(
        { parameter: name, ...(target.kind === 'label' && { label: target.label }), ...(target.kind === 'guest' && { guests: target.pattern }), from, to },
        escapeControls(`Parameter ${describeOverride(change.override)} ${transition(change)}`),
      );
    }
  }
}
