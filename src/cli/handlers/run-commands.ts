import { dirname, resolve } from 'node:path';
import type { Commands } from '../../control/handlers/parts.ts';
import type { DaemonConfig } from '../../daemon/configuration.ts';
import type { Daemon, DaemonParts } from '../../daemon/daemon.ts';
import { withKeptParameters } from '../../compose/kept-parameters.ts';
import type { Setup, SetupChoice } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import type { Config } from '../../config/model.ts';
import type { Log, LogLevel } from '../../observe/log/logger.ts';
import { loadParameters } from '../../parameters/parameters.ts';
import type { Plugins } from '../../plugin/plugins.ts';
import { loadPolicy, renderDiagnostics, type PolicySource } from '../../policy/index.ts';
import type { ServiceNotices } from '../../service/service-notices.ts';
import type { RunLocks } from '../support/run-locks.ts';
import { changedRestartKeys, exposed, RECORD_DEFAULTS, requireRecordable, restartSettings } from './run-settings.ts';

export interface RunCommandParts {
  /** What the daemon was started with. */
  readonly first: DaemonConfig;
  readonly plugins: Plugins;
  readonly choice: SetupChoice;
  /** Reads the config and the policies again. @throws SetupError */
  readonly load: (choice: SetupChoice) => Promise<Setup>;
  readonly observeOnly: boolean;
  readonly daemon: Pick<Daemon, 'reload'>;
  readonly running: Pick<DaemonParts, 'configuration'>;
  readonly log: Log;
  readonly locks: Pick<RunLocks, 'follow'>;
  readonly userRuntime: string | undefined;
  /** Tells the service manager about reloads; null: there is none. */
  readonly notices: Pick<ServiceNotices, 'reloading' | 'reloaded'> | null;
}

/** What a signal or a client changes in a running daemon. */
export class RunCommands implements Commands {
  readonly #parts: RunCommandParts;
  /** The log level until the next reload. */
  #level: LogLevel;
  #areSet = false;
  /** The recording that the config asks for. */
  #configured: Config['record'];
  /** Serialized: with overlapping changes, the older files could take effect last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RunCommandParts) {
    this.#parts = parts;
    const { config } = parts.first;
    this.#level = config.log.level;
    this.#configured = config.record;
  }

  get policies(): readonly PolicySource[] {
    return this.#upcoming.program?.files ?? [];
  }

  get arePoliciesSet(): boolean {
    return this.#areSet;
  }

  get logLevel(): LogLevel {
    return this.#level;
  }

  get recording(): string | null {
    return this.#upcoming.config.record?.path ?? null;
  }

  get #upcoming(): DaemonConfig {
    return this.#parts.running.configuration.upcoming;
  }

  /** SIGHUP: a failure is only logged. */
  onSignal(): void {
    this.reload().catch((error: unknown) => {
      if (!(error instanceof SetupError)) throw error;
    });
  }

  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const { notices } = this.#parts;
      const log = this.#parts.log.of('daemon');
      notices?.reloading();
      try {
        await this.#reload();
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        log.error('Reload failed; the previous config and policies stay in effect:');
        for (const line of error.message.split('\n')) log.error(line);
        throw error;
      } finally {
        notices?.reloaded();
      }
    });
  }

  check(files: readonly PolicySource[]): ReturnType<Commands['check']> {
    const { plugins } = this.#parts;
    const { limits } = this.#upcoming.config.policy;
    const { program, diagnostics } = loadPolicy(files, { vocabulary: plugins.vocabulary, limits });
    return { valid: program !== null, diagnostics, text: renderDiagnostics(diagnostics, files, { color: false }) };
  }

  setPolicies(files: readonly PolicySource[]): Promise<void> {
    return this.#inTurn(async () => {
      const { plugins, choice, observeOnly, daemon } = this.#parts;
      if (observeOnly) throw new SetupError('ballast record evaluates no policy; start ballast run');
      const { config, shadow } = this.#upcoming;
      const loaded = loadPolicy(files, { vocabulary: plugins.vocabulary, limits: config.policy.limits });
      if (loaded.program === null)
        throw new SetupError(renderDiagnostics(loaded.diagnostics, files, { color: false }).trimEnd());
      // The parameters in the config and its file are for other policies: those that these lack are left out.
      const context = { declared: loaded.program, otherPolicies: true };
      const set = await loadParameters(config.policy, choice.parameters ?? [], context);
      if ('problems' in set) throw new SetupError(set.problems.join('\n'));
      daemon.reload({
        ...{ config, program: loaded.program, ...(shadow !== undefined && { shadow }) },
        parameters: await this.#kept(set.parameters, config),
      });
      this.#areSet = true;
    });
  }

  setLogLevel(level: LogLevel): void {
    this.#level = level;
    this.#parts.log.setLevel(level);
  }

  record(path: string | null | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { daemon, locks } = this.#parts;
      const record = path === undefined ? this.#configured : path === null ? null : { ...RECORD_DEFAULTS, path };
      if (path === undefined && record === null)
        throw new SetupError('the config has no file to record to: say which, such as /var/lib/ballast/host.jsonl.gz');
      if (typeof path === 'string') this.#requirePermitted(path);
      if (record !== null) await requireRecordable(record.path);
      const next = { ...this.#upcoming, config: { ...this.#upcoming.config, record } };
      await locks.follow(next.config);
      daemon.reload(next);
    });
  }

  async #reload(): Promise<void> {
    const { first, choice, load, observeOnly, daemon, log, locks } = this.#parts;
    const daemonLog = log.of('daemon');
    const next = await load({ ...choice, reload: true });
    const fixed = changedRestartKeys(first.config, next.config);
    if (fixed.length > 0) daemonLog.warn({ keys: fixed }, `Config changes that require a restart: ${fixed.join(', ')}`);
    await locks.follow(next.config);
    this.setLogLevel(next.config.log.level);
    const config = { ...next.config, ...restartSettings(first.config) };
    daemon.reload(
      observeOnly
        ? { config, program: null }
        : {
            ...{ config, program: next.policies.program, ...(next.shadow !== null && { shadow: next.shadow }) },
            parameters: await this.#kept(next.parameters, config),
          },
    );
    this.#areSet = false;
    this.#configured = config.record;
    daemonLog.info({ policies: next.config.policy.files }, 'Config and policies reloaded');
    for (const line of next.warnings.split('\n').filter(Boolean)) daemonLog.warn(line);
    for (const line of await exposed(choice, next)) daemonLog.warn(line);
  }

  /** A client may not make root write anywhere. @throws SetupError */
  #requirePermitted(path: string): void {
    const { stateDir } = this.#upcoming.config;
    const permitted = [this.#configured === null ? null : dirname(this.#configured.path), stateDir];
    if (permitted.includes(dirname(resolve(path)))) return;
    const places = [...new Set(permitted.filter((place) => place !== null))].join(' or ');
    throw new SetupError(
      places === ''
        ? `cannot record to ${path}: the config names no directory for it; set record.path or state_dir`
        : `cannot record to ${path}: the config permits ${places}, by record.path and state_dir`,
    );
  }

  #kept(parameters: Setup['parameters'], config: Config): Promise<Setup['parameters']> {
    const { log, userRuntime } = this.#parts;
    return withKeptParameters(parameters, config, userRuntime, (line) => log.of('daemon').error(line));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
