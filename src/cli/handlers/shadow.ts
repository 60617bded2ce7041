import type { Setup } from '../../compose/setup.ts';
import type { ShadowChoice } from '../../compose/shadow.ts';
import { ownValues } from '../../daemon/shadow.ts';
import { labellerOf } from '../../config/guest-labels.ts';
import { shadowOf } from '../../control/views/shadow.ts';
import { replay } from '../../engine/replay.ts';
import { compareJudgements } from '../../engine/shadow-compare.ts';
import { ShadowTotals } from '../../engine/shadow-totals.ts';
import { mergeOverrides } from '../../model/parameter.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { replayedParameters } from '../../parameters/recorded.ts';
import type { Parameters } from '../../parameters/parameters.ts';
import { bindOverrides, type BoundOverride, type Program } from '../../policy/index.ts';
import { openRecording } from '../../recording/reader.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { recordingSetup, type RecordingChoice } from '../support/policy-setup.ts';
import { recordingFailure } from '../support/recording-failure.ts';
import { shadowText } from '../support/shadow-text.ts';

export interface CompareOptions extends RecordingChoice {
  readonly files: readonly string[];
  readonly shadow: ShadowChoice;
  readonly json: boolean;
}

const NO_SHADOW =
  'there is no shadow: set "shadow: FILE" in the config and reload, or start "ballast run" with --shadow FILE';
const NO_SECOND_POLICY =
  'nothing to compare with: use --shadow FILE or --shadow-param NAME=VALUE, or --config FILE with a shadow in it';

/**
 * `ballast shadow`: what the shadow of the running daemon would have decided.
 * @throws OperatorError when there is none; ClientError when no daemon answers
 */
export async function showShadow(choice: DaemonChoice, json: boolean, io: Io): Promise<number> {
  const client = await daemonClient(choice, 'status', 'shadow', io);
  const { shadow } = await client.call('status');
  if (!shadow) throw new OperatorError(NO_SHADOW);
  io.stdout.write(json ? `${escapeJson(JSON.stringify(shadow, null, 2))}\n` : escapedLines(shadowText(shadow)));
  return EXIT.ok;
}

/**
 * `ballast shadow FILE…`: two policies over the same recordings.
 * @throws SetupError
 */
export async function compareRecordings(options: CompareOptions, io: Io, stop: AbortSignal): Promise<number> {
  const setup = await recordingSetup(options, io);
  const { shadow } = setup;
  if (shadow === null) throw new OperatorError(NO_SECOND_POLICY);
  let worst: number = EXIT.ok;
  for (const file of options.files) {
    if (stop.aborted) break;
    try {
      const totals = await compareRecording(file, { ...setup, shadow }, io, stop);
      const found = shadowOf({
        files: shadow.program.files.map((each) => each.file),
        ...{ parameters: ownValues(shadow), summary: totals.summary() },
      });
      const title = options.files.length > 1 ? `${file}\n` : '';
      io.stdout.write(
        options.json
          ? `${escapeJson(JSON.stringify({ file, ...found }))}\n`
          : escapedLines(`${title}${shadowText(found)}`),
      );
    } catch (error) {
      worst = Math.max(worst, recordingFailure(error, io));
    }
  }
  return worst;
}

type Compared = Setup & { readonly shadow: NonNullable<Setup['shadow']> };

async function compareRecording(file: string, setup: Compared, io: Io, stop: AbortSignal): Promise<ShadowTotals> {
  const { parameters, policies, shadow } = setup;
  const warn = (message: string): void => void io.stderr.write(`warning: ${message}\n`);
  const totals = new ShadowTotals();
  const context = { declared: shadow.program, otherPolicies: true };
  // The shadow's own values, then those of the policy, as far as it declares them.
  const { bound } = bindOverrides(shadow.program, [...parameters.chosen, ...parameters.config]);
  const ofShadow = { context, chosen: mergeOverrides<BoundOverride>(shadow.own, bound), file: null, config: [] };
  const others = await replayed(file, setup, shadow.program, ofShadow, () => undefined);
  for await (const { snapshot, judgement } of await replayed(file, setup, policies.program, parameters, warn)) {
    if (stop.aborted) break;
    const other = await others.next();
    if (other.done === true) break;
    const isCompared = snapshot.host !== null;
    totals.add(
      snapshot.timeMs,
      isCompared ? compareJudgements(snapshot.timeMs, judgement, other.value.judgement) : null,
    );
  }
  await others.return();
  return totals;
}

/** Each has its own reader: a recording can be read only forwards. */
async function replayed(
  file: string,
  { config, plugins }: Setup,
  program: Program,
  parameters: Parameters,
  warn: (message: string) => void,
) {
  return replay(await openRecording(file, { onCutOff: warn }), {
    ...{ program, planners: plugins, settings: config.pluginSettings },
    evaluate: { onError: config.policy.onError, clock: () => performance.now() },
    labels: labellerOf(config.guestLabels),
    parameters: replayedParameters(parameters, warn),
    policyIntervalMs: null,
  });
}

function escapedLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}
