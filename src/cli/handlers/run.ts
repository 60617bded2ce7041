import { resolve } from 'node:path';
import { keepHeapSmall } from '../../daemon/heap.ts';
import type { DaemonConfig } from '../../daemon/configuration.ts';
import { buildControlledDaemon, openControl } from '../../compose/control.ts';
import { realEnvironment } from '../../compose/environment.ts';
import { withKeptParameters } from '../../compose/kept-parameters.ts';
import { openLog } from '../../compose/log.ts';
import { loadSetup, type Setup, type SetupChoice } from '../../compose/setup.ts';
import type { ShadowChoice } from '../../compose/shadow.ts';
import { serviceNotices } from '../../compose/service-notices.ts';
import type { Config } from '../../config/model.ts';
import type { Log } from '../../observe/log/logger.ts';
import type { ParamOverride } from '../../model/parameter.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { RunLocks } from '../support/run-locks.ts';
import { policySetup } from '../support/policy-setup.ts';
import type { Signals } from '../support/signals.ts';
import { VERSION } from '../version.ts';
import { RunCommands } from './run-commands.ts';
import { exposed, RECORD_DEFAULTS, requireRecordable } from './run-settings.ts';

export interface RunOptions {
  readonly config: string | null;
  readonly policies: readonly string[];
  /** Values for parameters, for this run. */
  readonly parameters?: readonly ParamOverride[];
  /** Absent: none, whatever the config says. */
  readonly shadow?: ShadowChoice;
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
    ...(options.shadow !== undefined && { shadow: options.shadow }),
    adjust: (config) => adjusted(config, options),
  };
  return runSetup(await setupFor(choice, options, io.stderr.isTTY === true), choice, options, io, signals);
}

const NO_POLICY =
  'no policy given: set "policy: FILE" in the config, or use --policy FILE. ' +
  'To observe without making changes, use "ballast record", or first-look.policy in /usr/share/ballast/policies';

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
  { config, plugins, policies, parameters, shadow }: Setup,
  choice: SetupChoice,
  options: RunOptions,
  {
    log,
    locks,
    userRuntime,
    pid = 0,
    service,
  }: Pick<Io, 'userRuntime' | 'pid' | 'service'> & { readonly log: Log; readonly locks: RunLocks },
  signals: Signals,
): Promise<number> {
  const daemonLog = log.of('daemon');
  const notices = service === undefined ? null : serviceNotices(service, config, log.of);
  const first: DaemonConfig = options.observeOnly
    ? { config, program: null }
    : {
        ...{ config, program: policies.program, ...(shadow !== null && { shadow }) },
        parameters: await withKeptParameters(parameters, config, userRuntime, (line) => daemonLog.error(line)),
      };
  const controlled = buildControlledDaemon(first, plugins, realEnvironment(config, userRuntime), log.of, {
    version: VERSION,
    observers: notices === null ? [] : [notices],
  });
  const { daemon } = controlled;
  const commands = new RunCommands({
    ...{ first, plugins, choice, daemon, running: controlled.running, log, locks, userRuntime },
    load: (next) => setupFor(next, options),
    observeOnly: options.observeOnly,
    notices,
  });
  signals.onReload(() => {
    log.reopen();
    commands.onSignal();
  });

  const interrupt = new AbortController();
  const onStop = () => {
    notices?.stopping();
    daemonLog.info('Stopping after this interval');
    setTimeout(() => interrupt.abort(), FINISH_MS).unref();
  };
  signals.stop.addEventListener('abort', onStop, { once: true });
  daemonLog.info(
    { policies: config.policy.files, dry_run: config.dryRun, uri: config.libvirt.uri },
    options.observeOnly ? 'Recording' : config.dryRun ? 'Running in dry-run mode: nothing will be changed' : 'Running',
  );
  for (const warning of locks.warnings) daemonLog.warn(warning);
  const control = options.once
    ? null
    : await openControl(controlled, plugins, {
        ...{
          version: VERSION,
          pid,
          configPath: options.config && resolve(options.config),
          recordsOnly: options.observeOnly,
        },
        ...{ commands, log: log.of },
      });
  try {
    await daemon.run({ stop: signals.stop, interrupt: interrupt.signal }, options.once);
  } catch (error) {
    daemonLog.error(
      `Internal error, exiting; the stack trace is on standard error: ${error instanceof Error ? error.message : String(error)}`,
    );
    throw error;
  } finally {
    await control?.close();
  }
  const { intervals } = daemon.counts;
  daemonLog.info({ intervals }, `Done after ${intervals} ${intervals === 1 ? 'interval' : 'intervals'}`);
  return options.once && !daemon.lastIntervalSucceeded ? EXIT.problems : EXIT.ok;
}

function adjusted(config: Config, options: RunOptions): Config {
  return {
    ...config,
    dryRun: config.dryRun || options.dryRun || options.observeOnly,
    log: { ...config.log, level: options.logLevel ?? config.log.level, format: options.logFormat ?? config.log.format },
    // They are those of the daemon: what runs beside it, or once, must not take its address.
    metrics: options.observeOnly || options.once ? { listen: null } : config.metrics,
    control: options.observeOnly ? { ...config.control, momRpc: null } : config.control,
    record: options.record === null ? config.record : { ...RECORD_DEFAULTS, ...config.record, path: options.record },
  };
}
