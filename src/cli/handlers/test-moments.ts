import type { Moment } from '../../tooling/testing/run.ts';
import type { EvaluateOptions, ParamResolver, Program } from '../../policy/index.ts';
import { evaluationAt, type Recorded } from '../support/moment.ts';
import { momentAt, surveyTimes } from '../support/recorded-moment.ts';

/** How to evaluate a policy up to a point in a recording. */
export interface MomentOptions {
  readonly program: Program;
  readonly params: ParamResolver;
  readonly evaluate: EvaluateOptions;
  /** Called with a message if the recording is truncated. */
  readonly warn: (message: string) => void;
}

/** The recordings that test cases use. The evaluations of each recording are read once. */
export class Moments {
  readonly #surveys = new Map<string, Promise<Recorded>>();

  /**
   * Checks that the recording has an evaluation for this time.
   * @throws RecordingError, MomentError
   */
  async check(file: string, at: string, warn: MomentOptions['warn']): Promise<void> {
    evaluationAt(at, await this.#survey(file, warn));
  }

  /**
   * Host and guests at a point in a recording, and the policy's memory at that point. Recorded parameters and labels of a config are
   * left out: a policy test depends on its own.
   * @throws RecordingError, MomentError
   */
  async find(file: string, at: string, { program, params, evaluate, warn }: MomentOptions): Promise<Moment> {
    const index = evaluationAt(at, await this.#survey(file, warn));
    return momentAt(file, index, 'evaluations', { program, parameters: () => params, evaluate });
  }

  #survey(file: string, warn: MomentOptions['warn']): Promise<Recorded> {
    const known = this.#surveys.get(file) ?? surveyTimes(file, 'evaluations', { onCutOff: warn });
    this.#surveys.set(file, known);
    return known;
  }
}
