import { safeGuestName } from '../../model/guest-name.ts';
import { escapeJson } from '../../model/text.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { suggest } from '../../support/suggest.ts';
import type { TimelineLine } from '../../tooling/timeline/event.ts';
import { timelineText } from '../../tooling/timeline/text.ts';
import { EXIT } from '../support/exit-codes.ts';
import { recordingFailure } from '../support/recording-failure.ts';
import type { Io } from '../support/io.ts';
import { liveTimeline } from './timeline-live.ts';
import { recordedTimeline } from './timeline-recorded.ts';
import type { TimelineOptions } from './timeline-source.ts';

/**
 * `ballast timeline`: the changes of balloons in a recording, or in the last hour of the running daemon.
 * @throws ClientError when no daemon answers; MomentError for an invalid time; OperatorError for an unknown guest
 */
export async function showTimeline(options: TimelineOptions, io: Io, stop: AbortSignal): Promise<number> {
  const warn = (message: string) => io.stderr.write(`warning: ${message}\n`);
  const render = options.json ? jsonLine : timelineText;
  const isWanted = ({ guest, kind, change_kib: change, control }: TimelineLine): boolean =>
    (options.all || (kind === 'write' && (change !== null || control === 'balloon_target'))) &&
    (options.guest === null || guest?.name === options.guest || guest?.uuid === options.guest);
  let written = 0;
  try {
    const { lines, names } =
      options.source === 'live' ? await liveTimeline(options, io, warn) : await recordedTimeline(options, warn);
    for await (const interval of lines) {
      if (stop.aborted) break;
      const text = interval.filter(isWanted).map(render);
      if (text.length === 0) continue;
      written += text.length;
      if (!io.stdout.write(text.join(''))) await new Promise((resolve) => io.stdout.once('drain', resolve));
    }
    if (written === 0 && !stop.aborted) reportNothing(options, names(), io);
    return EXIT.ok;
  } catch (error) {
    return recordingFailure(error, io);
  }
}

function jsonLine(line: TimelineLine): string {
  return `${escapeJson(JSON.stringify(line))}\n`;
}

/** @throws OperatorError when no such guest exists */
function reportNothing({ guest, source, from, to, all }: TimelineOptions, names: Iterable<string>, io: Io): void {
  const known = [...names];
  const where = source === 'live' ? 'in the last hour of the running daemon' : `in ${source}`;
  if (guest !== null && !known.includes(guest)) {
    const meant = suggest(guest, known);
    throw new OperatorError(
      `there is no guest ${safeGuestName(guest)} ${where}${meant === null ? '' : `; did you mean ${safeGuestName(meant)}?`}`,
    );
  }
  const whose = guest === null ? 'no balloon' : `the balloon of ${safeGuestName(guest)} was not`;
  const when = from === null && to === null ? '' : ' at this time';
  const more = all ? '' : '; --all also shows what was held back';
  io.stderr.write(`${guest === null ? `${whose} was` : whose} changed ${where}${when}${more}\n`);
}
