import { OperatorError } from '../../support/operator-error.ts';
import { parseDuration } from '../../yaml/units.ts';

/** A time on the command line is invalid, or not within the recording. The message includes the expected form or range. */
export class MomentError extends OperatorError {}

const DAY_MS = 86_400_000;
/** No time of day occurs twice in it. */
const ALMOST_A_DAY_MS = DAY_MS - 1000;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?(Z?)$/i;
const DATE = /^\d{4}-\d{2}-\d{2}/;
/** Not to the second, as a time is that was copied from a log line without its milliseconds. */
const EXACT = /^\+|\.\d|^now$/;
const FORMS = 'expected 03:12:40, 2026-01-02T03:12:40Z, +5min from the start, last or now';
/** Where there is no recording. */
const CLOCK_FORMS = 'expected 03:12:40, 2026-01-02T03:12:40Z or now';

/**
 * Parses a time, also as copied from a log line: in brackets, or with MOM's comma before the milliseconds; milliseconds since the epoch. A time of day refers to a day of the recording: in local time, as in the log lines
 * of a replay, or with a Z suffix in UTC, as in its summary.
 * @param slackMs how far after the end a time of day may be
 * @throws MomentError
 */
export function readMoment(given: string, fromMs: number, toMs: number, slackMs = 0, forms = FORMS): number {
  const text = plainMoment(given);
  if (text === 'now') return Date.now();
  if (text === 'last') return toMs;
  if (text.startsWith('+')) {
    const offset = parseDuration(text.slice(1));
    if ('problem' in offset) throw new MomentError(`${JSON.stringify(text)} is not a time: ${offset.problem}`);
    return fromMs + offset.value;
  }
  const clock = CLOCK.exec(text);
  if (clock) {
    const parts = clockParts(clock);
    if (parts === null) throw new MomentError(`${JSON.stringify(text)} is not a time; ${forms}`);
    return timeOfDay(text, parts, clock[5] === '', fromMs, toMs, slackMs);
  }
  const moment = DATE.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
  if (Number.isNaN(moment)) throw new MomentError(`${JSON.stringify(text)} is not a time; ${forms}`);
  return moment;
}

/**
 * A time for what is not a recording, milliseconds since the epoch: a time of day is the last one before now.
 * @throws MomentError
 */
export function readClock(given: string, nowMs: number): number {
  const text = plainMoment(given);
  if (text.startsWith('+')) throw new MomentError(`${JSON.stringify(text)} is not a time; ${CLOCK_FORMS}`);
  return readMoment(text, nowMs - ALMOST_A_DAY_MS, nowMs, 0, CLOCK_FORMS);
}

/** The end of what such a time means. @throws MomentError */
export function endOfClock(given: string, nowMs: number): number {
  return endOf(plainMoment(given), readClock(given, nowMs));
}

/** A time as copied from a log line, in the form of the command line. */
function plainMoment(given: string): string {
  return given
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^(.*:\d{2}),(\d{1,3}Z?)$/i, '$1.$2');
}

/**
 * The end of what a time on the command line means, milliseconds since the epoch: without a fraction it is the whole second.
 * @throws MomentError
 */
export function endOfMoment(given: string, fromMs: number, toMs: number, slackMs: number): number {
  const text = plainMoment(given);
  return endOf(text, readMoment(text, fromMs, toMs, slackMs));
}

function endOf(text: string, moment: number): number {
  return EXACT.test(text) ? moment : moment + 999;
}

/** The times of a recording, milliseconds since the epoch. */
export interface Recorded {
  readonly file: string;
  /** Times of the evaluations in recording order: not ascending if the clock was set back. */
  readonly evaluations: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  /** The longest time between two evaluations, or what the recording expects, milliseconds. */
  readonly slackMs: number;
}

/** @param intervalMs how often the policy is evaluated */
export function recordedTimes(
  file: string,
  times: readonly number[],
  evaluations: readonly number[],
  intervalMs: number,
): Recorded {
  return {
    file,
    evaluations,
    fromMs: times.reduce((a, b) => Math.min(a, b), Infinity),
    toMs: times.reduce((a, b) => Math.max(a, b), -Infinity),
    slackMs: evaluations
      .slice(1)
      .reduce((longest, timeMs, at) => Math.max(longest, timeMs - (evaluations[at] as number)), intervalMs),
  };
}

/** What a moment is, in messages. */
interface Wording {
  readonly nothing: string;
  readonly span: string;
  readonly last: string;
}

const EVALUATIONS: Wording = {
  nothing: 'nothing was evaluated',
  span: 'the policy is evaluated from',
  last: '--at last explains the last evaluation',
};
const INTERVALS: Wording = {
  nothing: 'nothing was recorded',
  span: 'the recording has host statistics from',
  last: '--at last is the last interval',
};

/**
 * The index of the last evaluation at or before a time.
 * @throws MomentError
 */
export function evaluationAt(text: string, recorded: Recorded): number {
  return lastAt(text, recorded, EVALUATIONS);
}

/**
 * The index of the last interval at or before a time.
 * @param recorded every interval with host statistics counts as an evaluation
 * @throws MomentError
 */
export function intervalAt(text: string, recorded: Recorded): number {
  return lastAt(text, recorded, INTERVALS);
}

function lastAt(text: string, { file, evaluations, fromMs, toMs, slackMs }: Recorded, words: Wording): number {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  if (first === undefined || last === undefined)
    throw new MomentError(`${file}: no policy can be evaluated: the recording has no interval with host statistics`);
  if (text === 'last') return evaluations.length - 1;
  const wantedMs = endOfMoment(text, fromMs, toMs, slackMs);
  const index = evaluations.reduce(
    (best, timeMs, at) => (timeMs <= wantedMs && timeMs >= (evaluations[best] ?? -Infinity) ? at : best),
    -1,
  );
  if (index !== -1 && wantedMs <= toMs + slackMs + 999) return index;
  const moment = new Date(readMoment(text, fromMs, toMs, slackMs)).toISOString();
  const later = wantedMs > toMs ? `; ${words.last}` : '';
  throw new MomentError(`${words.nothing} at ${moment} or just before: ${words.span} ${spanText(first, last)}${later}`);
}

type ClockParts = readonly [hours: number, minutes: number, seconds: number, milliseconds: number];

function clockParts([, hours, minutes, seconds = '0', fraction = '']: RegExpExecArray): ClockParts | null {
  const parts = [Number(hours), Number(minutes), Number(seconds), Math.round(Number(`0${fraction}`) * 1000)] as const;
  return parts[0] > 23 || parts[1] > 59 || parts[2] > 59 ? null : parts;
}

function timeOfDay(
  text: string,
  parts: ClockParts,
  isLocal: boolean,
  fromMs: number,
  toMs: number,
  slackMs: number,
): number {
  const days: number[] = [];
  for (let day = fromMs - DAY_MS; day <= toMs + DAY_MS; day += DAY_MS) {
    const date = new Date(day);
    const moment = isLocal ? date.setHours(...parts) : date.setUTCHours(...parts);
    // A time without a fraction is the whole second.
    if (moment + 999 >= fromMs && moment <= toMs + slackMs) days.push(moment);
  }
  const inside = days.filter((moment) => moment <= toMs);
  const [only, ...others] = inside.length > 0 ? inside : days;
  if (only === undefined)
    throw new MomentError(
      `${text}${isLocal ? ' local time' : ''} is outside the recording, which covers ${spanText(fromMs, toMs)}`,
    );
  if (others.length === 0) return only;
  throw new MomentError(
    `${text} occurs on several days of the recording; give the date, such as ${new Date(only).toISOString()}`,
  );
}

export function spanText(fromMs: number, toMs: number): string {
  return `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
}
