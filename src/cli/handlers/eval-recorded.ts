import { stat } from 'node:fs/promises';
import { loadSetup, type Setup } from '../../compose/setup.ts';
import { labellerOf } from '../../config/guest-labels.ts';
import { guestMeant } from '../../model/guest-name.ts';
import { EMPTY_MEMORY } from '../../model/memory.ts';
import type { GuestView } from '../../model/snapshot.ts';
import { replayedParameters } from '../../parameters/recorded.ts';
import {
  evaluate,
  loadPolicy,
  ParamResolver,
  renderDiagnostics,
  type Diagnostic,
  type PolicySource,
  type Program,
} from '../../policy/index.ts';
import type { Io } from '../support/io.ts';
import { intervalAt } from '../support/moment.ts';
import type { RecordingChoice } from '../support/policy-setup.ts';
import { Progress } from '../support/progress.ts';
import { noSuchGuest } from '../support/recorded-guest.ts';
import { momentAt, surveyTimes, type RecordedMoment } from '../support/recorded-moment.ts';
import { findIn } from '../support/recording-files.ts';
import type { World } from './eval-world.ts';

/** A moment of a recording, as on the command line. */
export interface RecordedChoice extends RecordingChoice {
  readonly recording: string;
  readonly at: string;
  /** A name or a UUID: `vm` is this guest. null: `vm` has no value. */
  readonly guest: string | null;
}

/** A recording contains the variables of its start only: those of a later time come from the policy. */
const WITHOUT_VARIABLES = 'note: without a policy there are no variables; --policy FILE replays it up to that time';

/**
 * Host and guests at a moment of a recording. The policy, if there is one, is replayed up to it for its variables.
 * @throws SetupError, MomentError, GuestNotFoundError, RecordingError
 */
export async function recordedWorld(choice: RecordedChoice, io: Io): Promise<World> {
  const setup = await loadSetup(
    {
      configPath: choice.config,
      policies: choice.policies,
      parameters: choice.parameters ?? [],
      withParametersFile: false,
    },
    io.stderr.isTTY === true,
  );
  io.stderr.write(setup.warnings);
  const moments = await RecordedMoments.find(choice, setup, io);
  const { input } = await moments.for(setup.policies.program);
  const time = new Date(input.timeMs).toISOString();
  const before = [...setup.policies.sources, ...boundGuest(choice.guest, input.guests, time)];
  const load = { vocabulary: setup.plugins.vocabulary, limits: setup.config.policy.limits };
  const { results, diagnostics } = await alone(before, load, moments);
  io.stderr.write(renderDiagnostics(diagnostics, before, { color: io.stderr.isTTY === true }));
  const known = new Set(diagnostics.map(identity));
  const hasPolicy = setup.policies.sources.length > 0;
  return {
    ...{ before, load, results },
    about: aboutText(time, input.guests.length, choice, setup.policies.sources),
    unknownFieldHint: 'the recording does not have this field',
    unboundGuestHint: '--guest NAME makes vm a guest of the recording',
    withoutVariables: hasPolicy ? null : WITHOUT_VARIABLES,
    momentFor: async (program) => {
      const moment = await moments.for(program);
      return hasPolicy ? moment : { ...moment, memory: EMPTY_MEMORY };
    },
    isKnown: (diagnostic) => known.has(identity(diagnostic)),
  };
}

/** The moment, read again where a program looks further back than those before. */
class RecordedMoments {
  readonly #read: (reader: Program) => Promise<RecordedMoment>;
  #known: { readonly need: string; readonly moment: RecordedMoment } | null = null;

  private constructor(read: (reader: Program) => Promise<RecordedMoment>) {
    this.#read = read;
  }

  static async find(choice: RecordedChoice, { config, policies, parameters }: Setup, io: Io): Promise<RecordedMoments> {
    const warned = new Set<string>();
    const warn = (message: string): void => {
      if (!warned.has(message)) io.stderr.write(`warning: ${message}\n`);
      warned.add(message);
    };
    const found = await findIn({ file: choice.recording, at: choice.at }, warn, async ({ file, at }) => {
      const times = await surveyed(file, warn, io);
      return { file, index: intervalAt(at, times) };
    });
    const hasPolicy = policies.sources.length > 0;
    return new RecordedMoments((reader) =>
      momentAt(found.file, found.index, 'intervals', {
        program: hasPolicy ? policies.program : null,
        reader,
        // Without the policy that declares them, no recorded value is of use.
        parameters: hasPolicy ? replayedParameters(parameters, warn) : () => new ParamResolver([]),
        evaluate: { onError: config.policy.onError, clock: () => performance.now() },
        labels: labellerOf(config.guestLabels),
      }),
    );
  }

  async for(program: Program): Promise<RecordedMoment> {
    const { historyNeed, statisticsNeed } = program;
    const need = JSON.stringify([historyNeed.samples, historyNeed.seconds, statisticsNeed]);
    if (this.#known?.need !== need) this.#known = { need, moment: await this.#read(program) };
    return this.#known.moment;
  }
}

async function surveyed(file: string, warn: (message: string) => void, { stderr }: Io) {
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const progress = new Progress(stderr, bytes, 'read');
  try {
    return await surveyTimes(file, 'intervals', { onCutOff: warn, onProgress: (read) => progress.show(read) });
  } finally {
    progress.clear();
  }
}

/** `vm` by its number in the list: names of guests are foreign texts. */
function boundGuest(wanted: string | null, guests: readonly GuestView[], time: string): readonly PolicySource[] {
  if (wanted === null) return [];
  const index = guests.findIndex(guestMeant(wanted, guests));
  if (index === -1) throw noSuchGuest(wanted, guests, time);
  return [{ file: '--guest', text: `(defvar vm (nth Guests ${index}))` }];
}

/** What comes of the policies without an expression. */
async function alone(before: readonly PolicySource[], load: World['load'], moments: RecordedMoments) {
  const { program } = loadPolicy(before, load);
  // They were loaded before, and a variable more does not break them.
  if (program === null) return { results: 0, diagnostics: [] };
  const { input, memory, params } = await moments.for(program);
  const { results, diagnostics } = evaluate(program, input, memory, {
    collectResults: true,
    clock: () => performance.now(),
    params: params.resolve(input.guests),
  });
  return { results: results.length, diagnostics };
}

function identity({ position, message, guest }: Diagnostic): string {
  return JSON.stringify([position, message, guest?.uuid ?? null]);
}

function aboutText(
  time: string,
  guests: number,
  { at, guest }: RecordedChoice,
  policies: readonly PolicySource[],
): string {
  const who = guests === 0 ? 'no guests' : guests === 1 ? '1 guest' : `${guests} guests`;
  const vm = guest === null ? '' : `; vm is ${guest}`;
  const variables =
    policies.length === 0
      ? 'no policy, so no variables and timers'
      : `variables and timers of ${policies.map(({ file }) => file).join(', ')}`;
  return `${time}${at === 'last' ? '' : `, the last interval at or before ${at}`}: the host and ${who}${vm}; ${variables}`;
}
