import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Setup, SetupChoice } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import type { Config } from '../../config/model.ts';
import { unwritable } from '../../model/file-errors.ts';
import { writableByOthers } from '../support/writable-by-others.ts';

/** The daemon runs without its recording if the file cannot be written; `ballast record` must fail instead. @throws SetupError */
export async function requireRecordable(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing !== null && !existing.isFile()) {
    throw new SetupError(
      `cannot record to ${path}: it is ${existing.isDirectory() ? 'a directory' : 'not an ordinary file'}`,
    );
  }
  const folder = dirname(path);
  try {
    if ((await stat(folder)).isDirectory()) return await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = CANNOT_RECORD[(error as NodeJS.ErrnoException).code ?? ''] ?? unwritable(error);
    if (why === null) throw error;
    throw new SetupError(`cannot record to ${path}: ${why}`, { cause: error });
  }
  throw new SetupError(`cannot record to ${path}: ${CANNOT_RECORD['ENOTDIR']}`);
}

const CANNOT_RECORD: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'its path leads through a file',
  EACCES: 'no write permission for its directory',
};

/** Of the rest of the group, when only a path is given. */
export const RECORD_DEFAULTS = {
  rotateBytes: 64 * 1024 ** 2,
  rotateMs: 24 * 3600 * 1000,
  keep: 7,
  keepMs: 7 * 24 * 3600 * 1000,
  keepBytes: 1024 ** 3,
};

/** Warnings about files of this setup that others may write. */
export function exposed({ configPath }: SetupChoice, { config }: Setup): Promise<readonly string[]> {
  const { plugins, policy, shadow } = config;
  const parameters = policy.parametersFile;
  const files = [configPath, parameters, ...policy.files, ...shadow.files, ...plugins].filter((path) => path !== null);
  return writableByOthers([...new Set(files)], { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
}

/** Config keys that are read only at startup, with their names in the file: changing them requires a restart. */
const RESTART_KEYS = {
  libvirt: 'libvirt',
  collectors: 'collectors',
  controllers: 'controllers',
  plugins: 'plugins',
  hostRoot: 'host_root',
  history: 'history',
  collectTimeoutMs: 'collect_timeout',
  dryRun: 'dry_run',
  runtimeDir: 'runtime_dir',
  stateDir: 'state_dir',
  stopFile: 'stop_file',
  control: 'control',
} as const satisfies Partial<Record<keyof Config, string>>;

type RestartKey = keyof typeof RESTART_KEYS;
const restartKeys = Object.keys(RESTART_KEYS) as readonly RestartKey[];

export function changedRestartKeys(before: Config, after: Config): readonly string[] {
  const same = (key: keyof Config) => JSON.stringify(before[key]) === JSON.stringify(after[key]);
  const { level: _before, ...logBefore } = before.log;
  const { level: _after, ...logAfter } = after.log;
  return [
    ...restartKeys.filter((key) => !same(key)).map((key) => RESTART_KEYS[key]),
    ...(JSON.stringify(logBefore) === JSON.stringify(logAfter) ? [] : ['log']),
  ];
}

export function restartSettings(config: Config): Pick<Config, RestartKey> {
  return Object.fromEntries(restartKeys.map((key) => [key, config[key]])) as Pick<Config, RestartKey>;
}
