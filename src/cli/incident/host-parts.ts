import { readdir } from 'node:fs/promises';
import { arch, hostname, release, totalmem, type } from 'node:os';
import { basename, join } from 'node:path';
import { NoRecordingError, RecordingError } from '../../recording/reader.ts';
import { readLimited } from '../../support/read-limited.ts';
import { rotatedFilesOf } from '../support/recording-files.ts';
import { VERSION } from '../version.ts';
import { plainName, type Archive } from './archive.ts';
import { reasonOf } from './configured.ts';
import { journalSlice, logSlice } from './log-slice.ts';
import { sliceOf } from './recording-slice.ts';
import { withoutSecrets } from '../../support/secrets.ts';
import { startOf, type Window } from './window.ts';

/** Of one policy, as much as `ballast` reads. */
const MOST_POLICY = 524_288;
const MOST_POLICIES = 64;

/** Adds policies of files, where no daemon has told those in effect. */
export async function addPolicies(archive: Archive, files: readonly string[], folder: string | null): Promise<void> {
  const listed = folder === null ? [] : await policiesIn(archive, folder);
  for (const [at, file] of [...files, ...listed].slice(0, MOST_POLICIES).entries())
    await addFile(archive, `policy/${at + 1}-${plainName(basename(file))}`, file);
}

async function policiesIn(archive: Archive, folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.(?:policy|rules)$/.test(name)).sort();
    return names.map((name) => join(folder, name));
  } catch (error) {
    archive.miss('policy/', `${folder}: ${reasonOf(error)}`);
    return [];
  }
}

export async function addFile(archive: Archive, name: string, path: string): Promise<void> {
  try {
    const content = await readLimited(path, MOST_POLICY + 1, false);
    if (content.length > MOST_POLICY) archive.miss(name, `${path}: it has more than ${MOST_POLICY / 1024} KiB`);
    else archive.add(name, content, path);
  } catch (error) {
    archive.miss(name, `${path}: ${reasonOf(error)}`);
  }
}

/** Adds the window of a recording: of the file and of those that were rotated. @returns paths of files that have some of it */
export async function addRecording(archive: Archive, path: string, window: Window): Promise<readonly string[]> {
  const found: string[] = [];
  const missing: string[] = [];
  const warn = (message: string) => missing.push(message);
  const files = await rotatedFilesOf(path, startOf(window), warn).catch((error: unknown) => {
    warn(`${path}: ${reasonOf(error)}`);
    return [];
  });
  for (const file of files) {
    try {
      const slice = await sliceOf(file, window);
      if (slice === null) continue;
      const range = `${new Date(slice.fromMs).toISOString()} to ${new Date(slice.toMs).toISOString()}`;
      const note = [`${slice.intervals} intervals, ${range}`, ...slice.notes].join('; ');
      archive.add(`recording/${found.length + 1}-${sliceName(file)}`, slice.gz, file, note);
      found.push(file);
    } catch (error) {
      const isOurs = error instanceof RecordingError || error instanceof NoRecordingError;
      warn(isOurs ? error.message : `${file}: ${reasonOf(error)}`);
    }
  }
  if (missing.length + found.length === 0) warn(`${path}: nothing was recorded at this time`);
  for (const why of missing) archive.miss('recording/', why);
  return found;
}

function sliceName(file: string): string {
  return `${plainName(basename(file).replace(/(?:\.jsonl)?(?:\.gz)?$/, ''))}.jsonl.gz`;
}

/** Adds the window of a log, or of the journal. @param path null: the journal */
export async function addLog(archive: Archive, path: string | null, unit: string, window: Window): Promise<void> {
  try {
    const { text, source, note } = await (path === null ? journalSlice(unit, window) : logSlice(path, window));
    if (text === '')
      archive.miss('log.txt', `${source}: nothing was logged at this time${note === null ? '' : `; ${note}`}`); // prettier-ignore
    else archive.add('log.txt', withoutSecrets(text), source, note);
  } catch (error) {
    archive.miss('log.txt', path === null ? reasonOf(error) : `${path}: ${reasonOf(error)}`);
  }
}

/** Adds what this host and this command are. */
export async function addVersions(archive: Archive): Promise<void> {
  const system = await readLimited('/etc/os-release', 8192, false).then(
    (content) => /^PRETTY_NAME="?([^"\n]*)/m.exec(content.toString('utf8'))?.[1] ?? null,
    () => null,
  );
  const node = process.versions.node;
  const host = { hostname: hostname(), system, kernel: `${type()} ${release()}`, architecture: arch() };
  const memoryKib = Math.round(totalmem() / 1024);
  archive.addJson('versions.json', { ballast: VERSION, node, ...host, memory_kib: memoryKib }, 'this command');
}
