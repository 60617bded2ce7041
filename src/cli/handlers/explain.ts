import type { Setup } from '../../compose/setup.ts';
import type { IntervalReport } from '../../model/interval-report.ts';
import { explain } from '../../tooling/explain/explain.ts';
import { guestLabel } from '../../tooling/explain/label.ts';
import { renderExplanation } from '../../tooling/explain/render.ts';
import { escapeJson } from '../../model/text.ts';
import type { GuestRef } from '../../model/control.ts';
import { guestMeant, safeGuestName } from '../../model/guest-name.ts';
import { Tracer } from '../../policy/index.ts';
import { EXIT } from '../support/exit-codes.ts';
import { recordingFailure } from '../support/recording-failure.ts';
import type { Io } from '../support/io.ts';
import { evaluationAt, spanText } from '../support/moment.ts';
import { GuestNotFoundError, noSuchGuest } from '../support/recorded-guest.ts';
import { findIn } from '../support/recording-files.ts';
import { recordingSetup, type RecordingChoice } from '../support/policy-setup.ts';
import { Reader, survey, type Contents } from './explain-reader.ts';

export interface ExplainCommandOptions extends RecordingChoice {
  readonly file: string;
  readonly at: string;
  /** A name or a UUID; null: the host. */
  readonly guest: string | null;
  readonly json: boolean;
}

/**
 * `ballast explain`: explains the decisions of one evaluation in a recording.
 * @throws SetupError; MomentError and GuestNotFoundError when the recording has no such time or guest
 */
export async function explainDecision(options: ExplainCommandOptions, io: Io): Promise<number> {
  const setup = await recordingSetup(options, io);
  const warnings = new Set<string>();
  try {
    const warn = (message: string) => warnings.add(message);
    const found = await findIn(options, warn, async ({ file, at }): Promise<Found> => {
      const reader = new Reader(file, setup, warn, io);
      const contents = await survey(file, reader);
      return { reader, contents, index: evaluationAt(at, contents) };
    });
    await explainEvaluation(options, setup, found, io);
    return EXIT.ok;
  } catch (error) {
    return recordingFailure(error, io);
  } finally {
    for (const message of warnings) io.stderr.write(`warning: ${message}\n`);
  }
}

/** An evaluation of a recording. */
interface Found {
  readonly reader: Reader;
  readonly contents: Contents;
  readonly index: number;
}

async function explainEvaluation(
  options: ExplainCommandOptions,
  setup: Setup,
  { reader, contents, index }: Found,
  io: Io,
): Promise<void> {
  const tracer = new Tracer();
  let seen = -1;
  for await (const { report, recorded } of reader.intervals((evaluation) => (evaluation === index ? tracer : null))) {
    if (report.judgement?.evaluated !== true) continue;
    seen += 1;
    if (seen < index) continue;
    reader.clearProgress();
    const guest = options.guest === null ? null : guestIn(options.guest, report, contents.guests);
    const explanation = explain({
      program: setup.policies.program,
      trace: tracer.read(),
      vocabulary: setup.plugins.vocabulary,
      ...report.judgement,
      recorded,
      guest,
    });
    const time = new Date(report.snapshot.timeMs).toISOString();
    if (options.json) io.stdout.write(`${escapeJson(JSON.stringify({ time, ...explanation }))}\n`);
    else {
      io.stdout.write(
        `${guestLabel(guest?.name ?? null)} at ${time}, evaluation ${index + 1} of ${contents.evaluations.length}${contents.file === options.file ? '' : ` in ${contents.file}`}${options.at === 'last' ? '' : `, the last at or before ${options.at}`}\n\n`,
      );
      io.stdout.write(renderExplanation(explanation));
      if (options.config === null && explanation.asked.some(({ held }) => held?.kind === 'held'))
        io.stderr.write('note: the guards have their default settings here; --config FILE uses those of the daemon\n');
    }
    return;
  }
}

function guestIn(wanted: string, { snapshot }: IntervalReport, guests: Contents['guests']): GuestRef {
  const found = snapshot.guests.find(guestMeant(wanted, snapshot.guests));
  if (found) return { name: found.name, uuid: found.uuid };
  const time = new Date(snapshot.timeMs).toISOString();
  const isMeant = guestMeant(wanted, snapshot.problems.map(({ guest }) => guest)); // prettier-ignore
  const problem = snapshot.problems.find(({ guest }) => guest !== null && isMeant(guest));
  if (problem)
    throw new GuestNotFoundError(
      `guest ${safeGuestName(wanted)} was excluded from policy evaluation at ${time}: ${problem.message}`,
    );
  const known = guests.get(wanted) ?? [...guests.values()].find(({ name }) => name === wanted);
  if (known)
    throw new GuestNotFoundError(
      `guest ${safeGuestName(wanted)} did not exist at ${time}; it was recorded from ${spanText(known.fromMs, known.toMs)}`,
    );
  throw noSuchGuest(wanted, snapshot.guests, time);
}
