import { OperatorError } from '../../support/operator-error.ts';
import { parseDuration } from '../../yaml/units.ts';

/** A time on the command line is invalid, or not within the recording. The message includes the expected form or range. */
export class MomentError extends OperatorError {}

const DAY_MS = 86_400_000;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?(Z?)$/i;
const FORMS = 'expected 03:12:40, 2026-01-02T03:12:40Z, or +5min from the start';

/**
 * Parses a time; milliseconds since the epoch. A time of day refers to a day of the recording: in local time, as in the log lines
 * of a replay, or with a Z suffix in UTC, as in its summary.
 * @throws MomentError
 */
export function readMoment(text: string, fromMs: number, toMs: number): number {
  if (text.startsWith('+')) {
    const offset = parseDuration(text.slice(1));
    if ('problem' in offset) throw new MomentError(`${JSON.stringify(text)} is not a time: ${offset.problem}`);
    return fromMs + offset.value;
  }
  const clock = CLOCK.exec(text);
  if (clock) return timeOfDay(text, clock, fromMs, toMs);
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
  if (Number.isNaN(moment)) throw new MomentError(`${JSON.stringify(text)} is not a time; ${FORMS}`);
  return moment;
}

/** The times of a recording, milliseconds since the epoch. */
export interface Recorded {
  readonly file: string;
  /** Times of the evaluations in recording order: not ascending if the clock was set back. */
  readonly evaluations: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

export function recordedTimes(file: string, times: readonly number[], evaluations: readonly number[]): Recorded {
  return {
    file,
    evaluations,
    fromMs: times.reduce((a, b) => Math.min(a, b), Infinity),
    toMs: times.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

/**
 * The index of the last evaluation at or before a time.
 * @throws MomentError
 */
export function evaluationAt(text: string, { file, evaluations, fromMs, toMs }: Recorded): number {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  if (first === undefined || last === undefined)
    throw new MomentError(`${file}: no policy can be evaluated: the recording has no interval with host statistics`);
  const wantedMs = readMoment(text, fromMs, toMs);
  const index = evaluations.reduce(
    (best, timeMs, at) => (timeMs <= wantedMs && timeMs >= (evaluations[best] ?? -Infinity) ? at : best),
    -1,
  );
  const longestGapMs = evaluations
    .slice(1)
    .reduce((longest, timeMs, at) => Math.max(longest, timeMs - (evaluations[at] as number)), 0);
  if (index !== -1 && wantedMs <= toMs + longestGapMs) return index;
  throw new MomentError(
    `nothing was evaluated at ${new Date(wantedMs).toISOString()} or just before: the policy is evaluated from ${spanText(first, last)}`,
  );
}

function timeOfDay(
  text: string,
  [, hours, minutes, seconds = '0', fraction = '', zone]: RegExpExecArray,
  fromMs: number,
  toMs: number,
): number {
  const parts = [Number(hours), Number(minutes), Number(seconds), Math.round(Number(`0${fraction}`) * 1000)] as const;
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59)
    throw new MomentError(`${JSON.stringify(text)} is not a time; ${FORMS}`);
  const days: number[] = [];
  for (let day = fromMs - DAY_MS; day <= toMs + DAY_MS; day += DAY_MS) {
    const date = new Date(day);
    const moment = zone === '' ? date.setHours(...parts) : date.setUTCHours(...parts);
    if (moment >= fromMs && moment <= toMs) days.push(moment);
  }
  const [only, ...others] = days;
  if (only === undefined)
    throw new MomentError(`${text} is outside the recording, which covers ${spanText(fromMs, toMs)}`);
  if (others.length === 0) return only;
  throw new MomentError(
    `${text} occurs on several days of the recording; give the date, such as ${new Date(only).toISOString()}`,
  );
}

export function spanText(fromMs: number, toMs: number): string {
  return `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
}
