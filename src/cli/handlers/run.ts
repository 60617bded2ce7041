import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keepHeapSmall } from '../../daemon/heap.ts';
import { buildDaemon } from '../../compose/daemon.ts';
import { realEnvironment } from '../../compose/environment.ts';
import { openLog } from '../../compose/log.ts';
import { loadSetup, type Setup, type SetupChoice } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import type { Config } from '../../config/model.ts';
import type { Log } from '../../observe/log/logger.ts';
import { unwritable } from '../../model/file-errors.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { RunLocks } from '../support/run-locks.ts';
import { policySetup } from '../support/policy-setup.ts';
import { writableByOthers } from '../support/writable-by-others.ts';
import { VERSION } from '../version.ts';
import type { Signals } from '../support/signals.ts';

export interface RunOptions {
  readonly config: string | null;
  readonly policies: readonly string[];
  /** Values for parameters, for this run. */
  readonly parameters?: readonly ParamOverride[];
  readonly once: boolean;
  readonly dryRun: boolean;
  readonly logLevel: Config['log']['level'] | null;
  readonly logFormat: Config['log']['format'] | null;
  /** Evaluate no policy: `ballast record`. */
  readonly observeOnly: boolean;
  /** Record to this file, overriding the config; null: as configured. */
  readonly record: string | null;
}

/** How long the current interval may continue after a stop signal, milliseconds. The rest of the 5 s is for restoring and closing. */
const FINISH_MS = 2000;

/**
 * `ballast run` and `ballast record`: runs the daemon in the foreground until it is stopped.
 * @throws SetupError
 */
export async function runDaemon(options: RunOptions, io: Io, signals: Signals): Promise<number> {
  keepHeapSmall();
  const choice: SetupChoice = {
    configPath: options.config,
    policies: options.policies,
    parameters: options.parameters ?? [],
    adjust: (config) => adjusted(config, options),
  };
  return runSetup(await setupFor(choice, options, io.stderr.isTTY === true), choice, options, io, signals);
}

const NO_POLICY =
  'no policy given: set "policy: FILE" in the config, or use --policy FILE. ' +
  'To observe without making changes, use policies/first-look.policy or "ballast record"';

/** @throws SetupError */
function setupFor(choice: SetupChoice, { observeOnly }: RunOptions, color = false): Promise<Setup> {
  return observeOnly ? loadSetup(choice, color) : policySetup(choice, NO_POLICY, color);
}

async function runSetup(
  setup: Setup,
  choice: SetupChoice,
  options: RunOptions,
  io: Io,
  signals: Signals,
): Promise<number> {
  const { config } = setup;
  io.stderr.write(setup.warnings);
  for (const line of await exposed(choice, setup)) io.stderr.write(`${line}\n`);
  if (options.record !== null) await requireRecordable(options.record);
  const locks = await RunLocks.take(config, io.userRuntime, options.observeOnly ? 'ballast record' : 'ballast run');
  try {
    const log = await openLog(config.log, io.stderr);
    try {
      return await runUntilStopped(setup, choice, options, { ...io, log, locks }, signals);
    } finally {
      // Also after an internal error: the last lines show the cause.
      await log.close();
    }
  } finally {
    await locks.release();
  }
}

async function runUntilStopped(
  { config, plugins, policies, parameters }: Setup,
  choice: SetupChoice,
  options: RunOptions,
  { log, locks, userRuntime }: Pick<Io, 'userRuntime'> & { readonly log: Log; readonly locks: RunLocks },
  signals: Signals,
): Promise<number> {
  const daemonLog = log.of('daemon');
  const daemon = buildDaemon(
    options.observeOnly ? { config, program: null } : { config, program: policies.program, parameters },
    plugins,
    realEnvironment(config, userRuntime),
    log.of,
    VERSION,
  );
  // Serialized: with overlapping reloads, the older files could take effect last.
  let reloaded = Promise.resolve();
  signals.onReload(() => {
    log.reopen();
    reloaded = reloaded.then(reload);
  });

  async function reload(): Promise<void> {
    try {
      const next = await setupFor({ ...choice, reload: true }, options);
      const fixed = changedRestartKeys(config, next.config);
      if (fixed.length > 0)
        daemonLog.warn({ keys: fixed }, `Config changes that require a restart: ${fixed.join(', ')}`);
      await locks.follow(next.config);
      log.setLevel(next.config.log.level);
      const changed = { ...next.config, ...restartSettings(config) };
      daemon.reload(
        options.observeOnly
          ? { config: changed, program: null }
          : { config: changed, program: next.policies.program, parameters: next.parameters },
      );
      daemonLog.info({ policies: next.config.policy.files }, 'Config and policies reloaded');
      for (const line of next.warnings.split('\n').filter(Boolean)) daemonLog.warn(line);
      for (const line of await exposed(choice, next)) daemonLog.warn(line);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      daemonLog.error('Reload failed; the previous config and policies stay in effect:');
      for (const line of error.message.split('\n')) daemonLog.error(line);
    }
  }

  const interrupt = new AbortController();
  const onStop = () => {
    daemonLog.info('Stopping after this interval');
    setTimeout(() => interrupt.abort(), FINISH_MS).unref();
  };
  signals.stop.addEventListener('abort', onStop, { once: true });
  daemonLog.info(
    { policies: config.policy.files, dry_run: config.dryRun, uri: config.libvirt.uri },
    options.observeOnly ? 'Recording' : config.dryRun ? 'Running in dry-run mode: nothing will be changed' : 'Running',
  );
  for (const warning of locks.warnings) daemonLog.warn(warning);
  try {
    await daemon.run({ stop: signals.stop, interrupt: interrupt.signal }, options.once);
  } catch (error) {
    daemonLog.error(
      `Internal error, exiting; the stack trace is on standard error: ${error instanceof Error ? error.message : String(error)}`,
    );
    throw error;
  }
  const { intervals } = daemon.counts;
  daemonLog.info({ intervals }, `Done after ${intervals} ${intervals === 1 ? 'interval' : 'intervals'}`);
  return options.once && !daemon.lastIntervalSucceeded ? EXIT.problems : EXIT.ok;
}

/** The daemon runs without its recording if the file cannot be written; `ballast record` must fail instead. @throws SetupError */
async function requireRecordable(path: string): Promise<void> {
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

function adjusted(config: Config, options: RunOptions): Config {
  return {
    ...config,
    dryRun: config.dryRun || options.dryRun || options.observeOnly,
    log: { ...config.log, level: options.logLevel ?? config.log.level, format: options.logFormat ?? config.log.format },
    // They are those of the daemon: what runs beside it, or once, must not take its address.
    metrics: options.observeOnly || options.once ? { listen: null } : config.metrics,
    record: options.record === null ? config.record : { ...RECORD_DEFAULTS, ...config.record, path: options.record },
  };
}

const RECORD_DEFAULTS = {
  rotateBytes: 64 * 1024 ** 2,
  rotateMs: 24 * 3600 * 1000,
  keep: 7,
  keepMs: 7 * 24 * 3600 * 1000,
  keepBytes: 1024 ** 3,
};

/** Warnings about files of this setup that others may write. */
function exposed({ configPath }: SetupChoice, { config }: Setup): Promise<readonly string[]> {
  const { plugins, policy } = config;
  const parameters = policy.parametersFile;
  const files = [configPath, parameters, ...policy.files, ...plugins].filter((path) => path !== null);
  return writableByOthers(files, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
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
} as const satisfies Partial<Record<keyof Config, string>>;

type RestartKey = keyof typeof RESTART_KEYS;
const restartKeys = Object.keys(RESTART_KEYS) as readonly RestartKey[];

function changedRestartKeys(before: Config, after: Config): readonly string[] {
  const same = (key: keyof Config) => JSON.stringify(before[key]) === JSON.stringify(after[key]);
  const { level: _before, ...logBefore } = before.log;
  const { level: _after, ...logAfter } = after.log;
  return [
    ...restartKeys.filter((key) => !same(key)).map((key) => RESTART_KEYS[key]),
    ...(JSON.stringify(logBefore) === JSON.stringify(logAfter) ? [] : ['log']),
  ];
}

function restartSettings(config: Config): Pick<Config, RestartKey> {
  return Object.fromEntries(restartKeys.map((key) => [key, config[key]])) as Pick<Config, RestartKey>;
}
