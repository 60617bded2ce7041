import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DEFAULT_POLICY_INTERVAL_MS } from '../../engine/replay.ts';
import { unreadable } from '../../model/file-errors.ts';
import { openRecording, RecordingError } from '../../recording/reader.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { endOfMoment, MomentError } from './moment.ts';

/** A recording file and the time to look for in it, as on the command line. */
export interface MomentIn {
  readonly file: string;
  readonly at: string;
}

/** A file of a rotated recording. */
interface Part {
  readonly file: string;
  /** Its name without time and ending: the same for all files of one recording. */
  readonly stem: string;
  /** The first interval of its own, milliseconds since the epoch. */
  readonly startedMs: number;
  readonly policyIntervalMs: number;
}

/** Names that the daemon gives to recordings: `day.jsonl.gz`, and `day.20260102T030405250Z.jsonl.gz` after rotation. */
const NAME = /^(.*?)(?:\.\d{8}T\d{9}Z)?(?:\.jsonl)?(?:\.gz)?$/;
const IS_RECORDING = /\.jsonl(?:\.gz)?$|\.\d{8}T\d{9}Z(?:\.gz)?$/;

/**
 * The files that may have the evaluation, best first. For a directory with the files of a rotated recording: the one that the time
 * falls into, and the one before, because a file may begin some time before its first evaluation.
 * @throws MomentError; errors of the file system, and RecordingError
 */
async function filesWith(
  { file, at }: MomentIn,
  warn: (message: string) => void,
): Promise<readonly [MomentIn, ...MomentIn[]]> {
  if (!(await isDirectory(file))) return [{ file, at }];
  const parts = await partsIn(file, warn);
  const [first, last] = [parts[0], parts[parts.length - 1]!];
  const wantedMs = endOfMoment(at, first.startedMs, await endOf(last), last.policyIntervalMs);
  const found = at === 'last' ? parts.length - 1 : parts.findLastIndex(({ startedMs }) => startedMs <= wantedMs);
  const moment = at === 'last' ? at : new Date(wantedMs).toISOString();
  const best = { file: (parts[found] ?? first).file, at: moment };
  const before = parts[found - 1];
  return before === undefined ? [best] : [best, { file: before.file, at: moment }];
}

/**
 * Looks for a moment in the files that may have it.
 * @param find throws MomentError when a file does not have it
 * @throws MomentError, and what `find` throws; errors of the file system, and RecordingError
 */
export async function findIn<Found>(
  choice: MomentIn,
  warn: (message: string) => void,
  find: (choice: MomentIn) => Promise<Found>,
): Promise<Found> {
  const [best, before] = await filesWith(choice, warn);
  try {
    return await find(best);
  } catch (error) {
    if (before === undefined || !(error instanceof MomentError)) throw error;
    return find(before);
  }
}

/**
 * The files of a recording, oldest first: itself, or those in the directory of a rotated one.
 * @throws MomentError; errors of the file system, and RecordingError
 */
export async function filesOf(file: string, warn: (message: string) => void): Promise<readonly string[]> {
  if (!(await isDirectory(file))) return [file];
  return (await partsIn(file, warn)).map((part) => part.file);
}

/**
 * The files of a rotated recording by the path that is written now, oldest first; or those in a directory.
 * @param fromMs files that ended before, by the time in their names, are left out; milliseconds since the epoch
 * @throws MomentError; errors of the file system, and RecordingError
 */
export async function rotatedFilesOf(
  path: string,
  fromMs: number,
  warn: (message: string) => void,
): Promise<readonly string[]> {
  if (await isDirectory(path)) return filesOf(path, warn);
  const folder = dirname(path);
  const stem = NAME.exec(basename(path))?.[1];
  const names = (await namesIn(folder)).filter(
    (name) => IS_RECORDING.test(name) && NAME.exec(name)?.[1] === stem && !(endIn(name) < fromMs),
  );
  // Reported by who reads it, if it is not there or has an unusual name.
  const own = basename(path);
  return [...names.filter((name) => name !== own).sort(), own].map((name) => join(folder, name));
}

/** The time at which a file was rotated, milliseconds since the epoch; NaN: it was not. */
function endIn(name: string): number {
  const [, day, hour, minute, second, ms] = /\.(\d{8})T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(name) ?? [];
  if (day === undefined) return NaN;
  return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${hour}:${minute}:${second}.${ms}Z`);
}

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function partsIn(folder: string, warn: (message: string) => void): Promise<readonly [Part, ...Part[]]> {
  const parts: Part[] = [];
  for (const name of await namesIn(folder)) {
    const file = join(folder, name);
    // A file may be rotated away in the meantime.
    const found = IS_RECORDING.test(name) ? await stat(file).catch(() => null) : null;
    if (found?.isFile() !== true) continue;
    try {
      parts.push(await partOf(file, NAME.exec(name)?.[1] ?? name));
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      warn(`${error.message} (left out)`);
    }
  }
  const [first, ...others] = parts.sort((a, b) => a.startedMs - b.startedMs);
  if (first === undefined) throw new MomentError(`${folder}: this directory has no recordings (*.jsonl, *.jsonl.gz)`);
  const stems = [...new Set(parts.map(({ stem }) => stem))];
  if (stems.length > 1)
    throw new MomentError(`${folder}: this directory has several recordings (${stems.join(', ')}); give a single file`);
  return [first, ...others];
}

/** The time of the last interval, milliseconds since the epoch. */
async function endOf({ file, startedMs }: Part): Promise<number> {
  let endMs = startedMs;
  const { intervals } = await openRecording(file, { onCutOff: () => {} });
  for await (const { snapshot } of intervals) endMs = Math.max(endMs, snapshot.timeMs);
  return endMs;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const why = unreadable(error);
    if (why === null) throw error;
    throw new OperatorError(`${folder}: ${why}`, { cause: error });
  }
}

async function partOf(file: string, stem: string): Promise<Part> {
  const { header, intervals } = await openRecording(file, { onCutOff: () => {} });
  // Taking an interval and stopping there closes the file.
  for await (const _first of intervals) break;
  return {
    file,
    stem,
    startedMs: Date.parse(header.started),
    policyIntervalMs: header.policy_interval_ms ?? DEFAULT_POLICY_INTERVAL_MS,
  };
}
