import { escapeJson } from '../../model/text.ts';
import { stat } from 'node:fs/promises';
import { replayLog } from '../../compose/log.ts';
import { IntervalLog } from '../../observe/interval-log.ts';
import { positionText } from '../../observe/log-fields.ts';
import { replayedParameters } from '../../parameters/recorded.ts';
import type { Setup } from '../../compose/setup.ts';
import { labellerOf } from '../../config/guest-labels.ts';
import type { Config } from '../../config/model.ts';
import type { IntervalReport } from '../../model/interval-report.ts';
import { replay } from '../../engine/replay.ts';
import { Summary } from '../../engine/summary.ts';
import { layoutsOf } from '../../recording/format.ts';
import { openRecording, type Recording } from '../../recording/reader.ts';
import { EXIT } from '../support/exit-codes.ts';
import { recordingFailure } from '../support/recording-failure.ts';
import type { Io } from '../support/io.ts';
import { Progress } from '../support/progress.ts';
import { recordingSetup, type RecordingChoice } from '../support/policy-setup.ts';
import { renderSummary } from './replay-summary.ts';

export interface ReplayCommandOptions extends RecordingChoice {
  readonly files: readonly string[];
  readonly json: boolean;
  /** Print only the summary. */
  readonly quiet: boolean;
  readonly logFormat: Config['log']['format'];
  /** null: as recorded. */
  readonly policyIntervalMs: number | null;
}

/**
 * `ballast replay`: prints what the policies would have decided at each point in the recordings.
 * @throws SetupError
 */
export async function replayRecordings(options: ReplayCommandOptions, io: Io, stop: AbortSignal): Promise<number> {
  const setup = await recordingSetup(options, io);
  let worst: number = EXIT.ok;
  for (const file of options.files) {
    if (stop.aborted) break;
    worst = Math.max(worst, await replayFile(file, setup, options, io, stop));
  }
  return worst;
}

async function replayFile(
  file: string,
  setup: Setup,
  options: ReplayCommandOptions,
  io: Io,
  stop: AbortSignal,
): Promise<number> {
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const progress = new Progress(io.stderr, bytes);
  const warn = (message: string) => {
    progress.clear();
    io.stderr.write(`warning: ${message}\n`);
  };
  try {
    const recording = await openRecording(file, { onCutOff: warn, onProgress: (read) => progress.show(read) });
    if (!options.json && options.files.length > 1) io.stdout.write(`${file}\n`);
    const totals = await replayDecisions(recording, setup, options, io, stop, progress, warn);
    io.stdout.write(
      options.json
        ? `${escapeJson(JSON.stringify({ summary: { file, ...totals } }))}\n`
        : `\n${renderSummary(totals.host, totals.guests)}`,
    );
    return EXIT.ok;
  } catch (error) {
    return recordingFailure(error, io);
  } finally {
    progress.clear();
  }
}

async function replayDecisions(
  recording: Recording,
  setup: Setup,
  options: ReplayCommandOptions,
  io: Io,
  stop: AbortSignal,
  progress: Progress,
  warn: (message: string) => void,
) {
  const { config, plugins, policies } = setup;
  const summary = new Summary(layoutsOf(recording.header));
  let timeMs = 0;
  const log = options.json || options.quiet ? null : replayLog(options.logFormat, io.stdout, () => timeMs);
  const intervalLog = log === null ? null : new IntervalLog(log.of, { marksDryRun: false });
  // Debug output of the policy precedes the interval that it belongs to.
  let printed: Printed[] = [];
  const reports = replay(recording, {
    program: policies.program,
    planners: plugins,
    settings: config.pluginSettings,
    evaluate: {
      onError: config.policy.onError,
      clock: () => performance.now(),
      debug: (text, position) => printed.push({ text, position: positionText(position) }),
    },
    labels: labellerOf(config.guestLabels),
    parameters: replayedParameters(setup.parameters, warn),
    policyIntervalMs: options.policyIntervalMs,
  });
  for await (const report of reports) {
    if (stop.aborted) break;
    timeMs = report.snapshot.timeMs;
    summary.add(report);
    if (report.judgement === null) continue;
    if (!options.quiet) progress.clear();
    for (const { text, position } of printed) log?.of('policy').info({ position }, text);
    intervalLog?.observe(report);
    if (options.json && !options.quiet) io.stdout.write(`${escapeJson(JSON.stringify(asJson(report, printed)))}\n`);
    printed = [];
    if (io.stdout.writableNeedDrain) await new Promise((resolve) => io.stdout.once('drain', resolve));
  }
  await log?.close();
  return { host: summary.host(), guests: summary.guests() };
}

interface Printed {
  readonly text: string;
  /** Position in the policy. */
  readonly position: string;
}

function asJson({ snapshot, judgement }: IntervalReport, printed: readonly Printed[]) {
  return {
    time: new Date(snapshot.timeMs).toISOString(),
    actions: judgement!.plan.actions,
    held: judgement!.plan.held,
    errors: judgement!.decision.errors,
    debug: printed,
  };
}
