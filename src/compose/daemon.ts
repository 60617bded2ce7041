import { balloonMinFor, matchesAny } from '../config/guest-pattern.ts';
import { directoriesOf, hostKey } from '../config/directories.ts';
import { ActiveConfiguration, type DaemonConfig } from '../daemon/configuration.ts';
import { ActiveControllers } from '../daemon/controllers.ts';
import type { DaemonParts } from '../daemon/daemon.ts';
import type { Environment } from '../daemon/environment.ts';
import { FoundState } from '../daemon/found-state.ts';
import { PauseFile } from '../daemon/pause-file.ts';
import { Pauses } from '../daemon/pauses.ts';
import { StateFile } from '../daemon/state.ts';
import { ReservationFile } from '../daemon/reservations.ts';
import { SavedStatistics } from '../daemon/saved-statistics.ts';
import { StatisticsFile } from '../daemon/statistics-file.ts';
import { Shadow } from '../daemon/shadow.ts';
import { StopFile } from '../daemon/stop-file.ts';
import { evaluateOptions } from '../daemon/evaluate-options.ts';
import { FollowedParameters } from '../parameters/follow-file.ts';
import { SnapshotTaker } from '../engine/collect.ts';
import { Decider } from '../engine/decider.ts';
import { NO_BALLOONING } from '../model/ballooning.ts';
import { labelsIn } from '../model/labels.ts';
import { HypervisorLog } from '../observe/hypervisor-log.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { MetadataLog } from '../observe/metadata-log.ts';
import type { IntervalObserver } from '../observe/observer.ts';
import { Observers } from '../observe/observers.ts';
import type { Plugins } from '../plugin/plugins.ts';
import type { GuestReading } from '../ports/hypervisor.ts';
import { observersFor } from './observers.ts';

/** What looks at the host, decides and writes: of a daemon, and of a command that gives memory back without one. */
export function buildParts(first: DaemonConfig, plugins: Plugins, environment: Environment, log: LoggerOf) {
  const { config, program } = first;
  const { host, hypervisor, clock, hostProps } = environment;
  const configuration = new ActiveConfiguration(first);
  const settings = () => configuration.config.pluginSettings;
  const balloonMinKib = (name: string) => balloonMinFor(configuration.config.balloonMin, name);
  const ballooningOff = (name: string, ownLabels: string) => {
    if (matchesAny(configuration.config.ballooningOff, name)) return 'config';
    return labelsIn(configuration.labels(name, ownLabels)).includes(NO_BALLOONING) ? 'label' : null;
  };
  const metadataLog = new MetadataLog(log('hypervisor'));
  const permitted = (raw: GuestReading) => {
    const { reading, cut } = configuration.permitted(raw);
    metadataLog.note({ name: raw.name, uuid: raw.uuid }, cut);
    return reading;
  };
  const taker = new SnapshotTaker(
    plugins.collectors,
    hypervisor,
    {
      ...{ host, tuning: hypervisor.tuning, agent: hypervisor.agent, now: clock.now, balloonMinKib, ballooningOff },
      verdicts: (uuid) => decider.verdicts(uuid),
      writes: (uuid, nowMs) => decider.writes.fields(uuid, nowMs),
    },
    { timeoutMs: config.collectTimeoutMs, labels: configuration.labels, permitted, settings },
  );
  const { hostLayout, guestLayout } = taker;
  const controllers = new ActiveControllers(
    plugins.controllers,
    { host, hypervisor, callTimeoutMs: config.libvirt.callTimeoutMs },
    settings,
  );
  const decider: Decider = new Decider(program, {
    historyLength: config.history,
    keptSnapshots: configuration.keptSnapshots,
    hostLayout,
    guestLayout,
    hostProps,
    planners: plugins,
    settings: config.pluginSettings,
    evaluate: evaluateOptions(config, clock, log),
  });
  return { configuration, taker, decider, controllers };
}

/** What else a daemon is built with. */
export interface DaemonExtras {
  /** The version of Ballast, for those who look at the daemon from outside. */
  readonly version?: string;
  /** Makes further observers of its intervals. */
  readonly observers?: (parts: Pick<DaemonParts, 'configuration' | 'parameters'>) => readonly IntervalObserver[];
}

/** Builds the parts of a daemon. */
export function daemonParts(
  first: DaemonConfig,
  plugins: Plugins,
  environment: Environment,
  log: LoggerOf,
  { version = 'unknown', observers: more = () => [] }: DaemonExtras = {},
): DaemonParts {
  const { config, program } = first;
  const { host, hypervisor, clock, hostProps } = environment;
  const { configuration, taker, decider, controllers } = buildParts(first, plugins, environment, log);
  const { hostLayout, guestLayout } = taker;
  const policyLog = log('policy');
  const parameters = new FollowedParameters(configuration.parameters, {
    log: (level, message, fields) => policyLog[level](fields, message),
    sleep: clock.sleep,
  });
  const { keptSnapshots } = configuration;
  const recordedRun = { hostProps, hostLayout, guestLayout, keptSnapshots, hasPolicy: program !== null };
  const running = { version, policies: program?.files ?? [], shadow: first.shadow?.program.files ?? [] };
  const all = [...observersFor(config, recordedRun, running, log), ...more({ configuration, parameters })];
  const observers = new Observers(all, log('daemon'));
  const hypervisorLog = new HypervisorLog(log('hypervisor'));
  hypervisor.onEvent((event) => {
    hypervisorLog.logEvent(event);
    observers.hypervisorEvent(event);
  });
  const directories = directoriesOf(config, environment.userRuntime);
  const found = new FoundState(
    config.dryRun ? null : new StateFile(directories.state, hostKey(config), host),
    log('engine'),
  );
  // Of a dry run too: an operator pauses a guest, and then lets Ballast write.
  const pauses = new Pauses(new PauseFile(directories.state, hostKey(config)), log('engine'), clock.now);
  const statistics = new SavedStatistics(decider.statistics, new StatisticsFile(directories.state, hostKey(config)), {
    log: log('engine'),
    now: clock.monotonic,
    isDryRun: () => configuration.config.dryRun,
  });
  const stopFile = new StopFile(directories.stopFile, log('engine'));
  return {
    ...{ environment, configuration, taker, decider, controllers, parameters, observers, log },
    shadow: new Shadow({ configuration, decider, clock, log }),
    ...{
      found,
      statistics,
      stopFile,
      pauses,
      reservations: new ReservationFile(directories.reservations, log('engine')),
    },
  };
}
