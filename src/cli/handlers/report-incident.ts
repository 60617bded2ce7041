import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ControlClient } from '../../control/client.ts';
import { escapeControls, escapeJson } from '../../model/text.ts';
import { unwritable } from '../../model/file-errors.ts';
import { OperatorError } from '../../support/operator-error.ts';
import { replaceOwnFile } from '../../support/replace-file.ts';
import { timelineText } from '../../tooling/timeline/text.ts';
import { Archive } from '../incident/archive.ts';
import { addConfig, NO_FILES, reasonOf, type ConfiguredFiles } from '../incident/configured.ts';
import { addDaemon } from '../incident/daemon-part.ts';
import { addFile, addLog, addPolicies, addRecording, addVersions } from '../incident/host-parts.ts';
import { endOf, startOf, type Window } from '../incident/window.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { readClock } from '../support/moment.ts';
import { VERSION } from '../version.ts';
import { recordedTimeline } from './timeline-recorded.ts';

export interface ReportOptions extends DaemonChoice {
  /** As on the command line. */
  readonly around: string;
  /** On either side, milliseconds. */
  readonly halfMs: number;
  /** undefined: those of the config and the daemon. */
  readonly recording?: string;
  readonly log?: string;
  readonly unit: string;
  /** undefined: a name with the time, in the working directory. */
  readonly output?: string;
  readonly json: boolean;
}

/** The daemon has this long for all its answers, milliseconds. */
const DAEMON_MS = 20_000;
/** The config of the package. */
const USUAL_CONFIG = '/etc/ballast/ballast.yaml';
/** Only for its owner: it has names of guests and policies. */
const MODE = 0o600;

/**
 * `ballast report-incident`: one archive with what is known about a time. What cannot be had is named in its manifest.
 * @throws MomentError for an invalid time; OperatorError if the archive cannot be written
 */
export async function reportIncident(options: ReportOptions, io: Io): Promise<number> {
  const nowMs = Date.now();
  const aroundMs = readClock(options.around, nowMs);
  const window = { aroundMs, halfMs: options.halfMs };
  const archive = new Archive();
  await gather(archive, options, window, io);
  const around = new Date(aroundMs).toISOString();
  const manifest = {
    ballast_incident: 1,
    ...{ ballast: VERSION, made: new Date(nowMs).toISOString(), around },
    ...{ from: new Date(startOf(window)).toISOString(), to: new Date(endOf(window)).toISOString() },
    ...archive.contents,
  };
  const folder = `ballast-incident-${around.replace(/[-:]|\.\d+/g, '')}`;
  const path = resolve(options.output ?? `${folder}.tar.gz`);
  const packed = await archive.pack(folder, manifest, nowMs);
  await write(path, packed);
  if (options.json)
    io.stdout.write(`${escapeJson(JSON.stringify({ path, bytes: packed.length, ...manifest }, null, 2))}\n`);
  else io.stdout.write(summaryText(path, packed.length, archive));
  return EXIT.ok;
}

async function gather(archive: Archive, options: ReportOptions, window: Window, io: Io): Promise<void> {
  await addVersions(archive);
  const given = options.config === undefined ? null : await addConfig(archive, options.config);
  const daemon = await addDaemon(archive, await clientFor(options, given, io), window);
  const config = daemon === null ? USUAL_CONFIG : daemon.configPath;
  const configured = given ?? (config === null ? NO_FILES : await addConfig(archive, config));
  const { policies, policyDir, parameters } = configured;
  if (daemon === null) await addPolicies(archive, policies, policyDir);
  if (parameters !== null) await addFile(archive, 'parameters.yaml', parameters);
  const named = options.recording === undefined ? [daemon?.files.recording, configured.recording] : [options.recording];
  const recordings = [...new Set(named.filter((path) => typeof path === 'string').map((path) => resolve(path)))];
  if (recordings.length === 0)
    archive.miss('recording/', 'no config or daemon names a recording; give one with --recording');
  for (const recording of recordings) await addRecorded(archive, recording, window);
  await addLog(archive, options.log ?? daemon?.files.log ?? configured.log, options.unit, window);
}

/** A daemon can run whose config is invalid by now: then what the config says of its sockets counts all the same. */
async function clientFor(options: ReportOptions, configured: ConfiguredFiles | null, io: Io): Promise<ControlClient> {
  const ask = (choice: DaemonChoice) =>
    daemonClient(choice, 'status', 'report-incident', io, AbortSignal.timeout(DAEMON_MS));
  try {
    return await ask(options);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const runtimeDir = configured?.runtimeDir ?? null;
    return ask(runtimeDir === null ? {} : { socket: runtimeDir });
  }
}

/** Characters of one timeline. */
const MOST_TEXT = 2 * 1024 ** 2;

/** The slice, and what was written to balloons and held back in it as people read it. */
async function addRecorded(archive: Archive, recording: string, window: Window): Promise<void> {
  const files = await addRecording(archive, recording, window);
  for (const [at, source] of files.entries()) {
    const [from, to] = [new Date(startOf(window)).toISOString(), new Date(endOf(window)).toISOString()];
    let text = '';
    let isCut = false;
    try {
      const { lines } = await recordedTimeline({ source, from, to, all: true }, () => {});
      for await (const interval of lines) for (const line of interval) add(timelineText(line));
    } catch (error) {
      add(`${reasonOf(error)}\n`);
    }
    function add(line: string): void {
      if (text.length + line.length > MOST_TEXT) isCut = true;
      else text += line;
    }
    const note = `as "ballast timeline --all" prints it${isCut ? '; its end is left out: it would be too large' : ''}`;
    archive.add(`timeline/${at + 1}.txt`, text, source, note);
  }
}

async function write(path: string, packed: Buffer): Promise<void> {
  // In a directory like /tmp, somebody else may have put a link or a file of their own there.
  const there = await lstat(path).catch(() => null);
  if (there !== null && !there.isFile())
    throw new OperatorError(`${path} is there and is no regular file; name another one with --output`);
  try {
    await replaceOwnFile(path, packed, MODE);
  } catch (error) {
    const why = unwritable(error);
    if (why === null) throw error;
    throw new OperatorError(`${path}: ${why}`, { cause: error });
  }
}

function summaryText(path: string, bytes: number, { contents: { files, missing } }: Archive): string {
  const lines = [
    `${path}: ${Math.ceil(bytes / 1024)} KiB, ${files.length} files. It has names of guests and policies; passwords and tokens were removed where they were recognized.`,
    ...files.map(({ name, source, note }) => `  ${name}: ${source}${note === undefined ? '' : ` (${note})`}`),
    ...missing.map(({ what, why }) => `  missing: ${what}: ${why}`),
  ];
  return lines.map((line) => `${escapeControls(line)}\n`).join('');
}
