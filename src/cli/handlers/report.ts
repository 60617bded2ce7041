import { RecordingAnalysis } from '../../analysis/recording-analysis.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { NoRecordingError } from '../../recording/reader.ts';
import { guestBuckets, reportPage } from '../../report/page.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { suggest } from '../../support/suggest.ts';
import { recordingFiles, requireOneHost, visitRecordings } from '../support/all-recordings.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { recordedRange } from '../support/recorded-range.ts';
import { sha256, writeTo } from '../support/write-page.ts';
import { VERSION } from '../version.ts';

export interface ReportOptions {
  readonly recordings: readonly string[];
  /** The file to write. */
  readonly output: string;
  /** Names or UUIDs; empty: all. */
  readonly guests: readonly string[];
  /** Times as on the command line; null: no limit. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * `ballast report`: a page with charts of a recording.
 * @throws OperatorError for files, times and guests that are not there, and for a page that cannot be written
 */
export async function writeReport(options: ReportOptions, io: Io, stop: AbortSignal): Promise<number> {
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    io.stderr.write(`warning: ${message}\n`);
  };
  try {
    const files = await recordingFiles(options.recordings, warn);
    requireOneHost(files, 'write one report for each');
    const paths = files.map(({ path }) => path);
    const range = await recordedRange(paths, options.from, options.to);
    const { analysis, names } = newAnalysis(options.guests);
    const isWhole = await visitRecordings(
      files,
      {
        begin: ({ header }) => analysis.begin(header),
        interval: (interval) => {
          const { timeMs, guests } = interval.snapshot;
          for (const { name, uuid } of guests) if (names.size < MOST_NAMES) names.add(name).add(uuid);
          if (timeMs >= range.fromMs && timeMs <= range.toMs) analysis.add(interval);
        },
      },
      io,
      { verb: 'read', stop, warn },
    );
    if (stop.aborted) {
      io.stderr.write(`interrupted: ${options.output} was not written\n`);
      return EXIT.problems;
    }
    requireGuests(options.guests, names);
    const result = analysis.result();
    if (result === null) throw new OperatorError(`${nothingIn(options)}; no report was written`);
    const page = reportPage(result, {
      sources: options.recordings,
      warnings,
      version: VERSION,
      simulated: null,
      sha256,
    });
    await writeTo(options.output, page);
    return isWhole ? EXIT.ok : EXIT.problems;
  } catch (error) {
    if (!(error instanceof NoRecordingError)) throw error;
    throw new OperatorError(error.message, { cause: error });
  }
}

/** Names and UUIDs of guests that are remembered, for a message. */
const MOST_NAMES = 10_000;

function newAnalysis(guests: readonly string[]) {
  const wanted = new Set(guests);
  const analysis = new RecordingAnalysis({
    guestBuckets,
    ...(wanted.size > 0 && { isWanted: ({ name, uuid }) => wanted.has(name) || wanted.has(uuid) }),
  });
  return { analysis, names: new Set<string>() };
}

/** @throws OperatorError when a guest is in no recording */
function requireGuests(guests: readonly string[], names: ReadonlySet<string>): void {
  for (const guest of guests) {
    if (names.has(guest)) continue;
    const meant = suggest(guest, [...names]);
    const hint = meant === null ? '' : `; did you mean ${safeGuestName(meant)}?`;
    throw new OperatorError(`there is no guest ${safeGuestName(guest)} in the recording${hint}`);
  }
}

function nothingIn({ recordings, from, to }: ReportOptions): string {
  const when = from === null && to === null ? '' : ' at this time';
  return `${recordings.join(', ')}: there is no interval in it${when}`;
}
