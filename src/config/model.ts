import { dirname, resolve } from 'node:path';
import type { Limits } from '../policy/limits/limits.ts';
import type { ConfiguredParameters } from '../parameters/parameters.ts';
import type { PluginSettings } from '../plugin/settings.ts';
import type { ListenAddress } from '../support/listen-address.ts';
import type { PlacedOverride } from '../parameters/group.ts';
import type { ConfigFile } from './schema.ts';

/** The minimum balloon size of guests with a matching name. */
export interface BalloonMinRule {
  readonly match: string;
  readonly minKib: number;
}

/** Labels of guests with a matching name. */
export interface LabelRule {
  readonly match: string;
  readonly labels: readonly string[];
}

/** What the metadata in a guest's domain XML may say about it. */
export interface MetadataRules {
  /** The largest minimum, as a share of the guest's maximum. */
  readonly minUpTo: number;
  /** Patterns of labels. */
  readonly labels: readonly string[];
  readonly ballooningOff: boolean;
  /** Whether oVirt's element counts. */
  readonly ovirt: boolean;
}

/** The content of the config file, in base units and with absolute paths. Plain data. */
export interface Config {
  readonly collectIntervalMs: number;
  readonly policyIntervalMs: number;
  /** An action that is not written within this time after its decision is dropped. */
  readonly maxDecisionAgeMs: number;
  /** Number of samples kept for each entity. */
  readonly history: number;
  readonly collectTimeoutMs: number;
  readonly libvirt: {
    readonly uri: string;
    /** null: libvirt's default path. */
    readonly socket: string | null;
    readonly callTimeoutMs: number;
    readonly chunkSize: number;
    /** Whole seconds; 0: never set it. */
    readonly statsPeriodS: number;
  };
  /** Its parameters are not checked against the policies yet. */
  readonly policy: ConfiguredParameters & {
    readonly files: readonly string[];
    /** null: `files` is used. */
    readonly dir: string | null;
    readonly onError: 'isolate' | 'abort';
    /** The configurable limits; the others are fixed. */
    readonly limits: Pick<Limits, 'steps' | 'stepsPerGuest' | 'callDepth' | 'timeMs' | 'textLength' | 'listLength'>;
  };
  /** A second policy beside the first. No files and no parameters: none; no files: those of the policy. */
  readonly shadow: {
    readonly files: readonly string[];
    /** Not checked against the policies yet. */
    readonly parameters: readonly PlacedOverride[];
  };
  /** Names of the built-in collectors to use; null: those that need not be listed. */
  readonly collectors: readonly string[] | null;
  readonly controllers: readonly string[];
  /** Paths of site plugins. */
  readonly plugins: readonly string[];
  /** First match wins. */
  readonly balloonMin: readonly BalloonMinRule[];
  /** Name patterns of guests whose balloons are left alone. */
  readonly ballooningOff: readonly string[];
  /** The labels of all matching rules are added. */
  readonly guestLabels: readonly LabelRule[];
  readonly guestMetadata: MetadataRules;
  /** Settings of plugins, by group name in the file. */
  readonly pluginSettings: PluginSettings;
  /** null: nothing is recorded. */
  readonly record: {
    readonly path: string;
    readonly rotateBytes: number;
    readonly rotateMs: number;
    readonly keep: number;
    readonly keepMs: number;
    readonly keepBytes: number;
  } | null;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'json' | 'pretty' | 'mom';
    /** null: standard error. */
    readonly file: string | null;
  };
  /** null: there are none. */
  readonly metrics: { readonly listen: ListenAddress | null };
  /** The control and status sockets. */
  readonly control: {
    readonly enabled: boolean;
    /** A name or number; null: the group of the process. */
    readonly group: string | null;
    readonly statusFor: 'group' | 'all';
    /** Where MOM's verbs are; null: nowhere. */
    readonly momRpc: ListenAddress | null;
  };
  readonly shutdown: 'leave' | 'restore' | 'release';
  /** null: the default; see `directoriesOf`. */
  readonly runtimeDir: string | null;
  readonly stateDir: string | null;
  readonly stopFile: string | null;
  readonly dryRun: boolean;
  readonly hostRoot: string;
}

/** @param path path of the config file; relative paths in the config are relative to its directory */
export function toConfig(
  file: ConfigFile,
  path: string,
  parameters: { readonly policy: readonly PlacedOverride[]; readonly shadow: readonly PlacedOverride[] },
  pluginSettings: PluginSettings,
): Config {
  const base = dirname(resolve(path));
  const absolute = (relative: string) => resolve(base, relative);
  const optional = (relative: string | undefined) => (relative === undefined ? null : absolute(relative));
  const { libvirt, policy, record, log } = file;
  return {
    collectIntervalMs: file.collect_interval,
    policyIntervalMs: file.policy_interval,
    maxDecisionAgeMs: file.max_decision_age,
    history: file.history,
    collectTimeoutMs: file.collect_timeout,
    libvirt: {
      uri: libvirt.uri,
      socket: optional(libvirt.socket),
      callTimeoutMs: libvirt.call_timeout,
      chunkSize: libvirt.chunk_size,
      statsPeriodS: libvirt.stats_period / 1000,
    },
    policy: {
      files: policy.files.map(absolute),
      dir: optional(file.policy_dir),
      onError: policy.on_error,
      parameters: parameters.policy,
      parametersFile: optional(policy.parameters_file),
      limits: {
        steps: policy.limits.steps,
        stepsPerGuest: policy.limits.steps_per_guest,
        callDepth: policy.limits.call_depth,
        timeMs: policy.limits.time,
        textLength: policy.limits.text_length,
        listLength: policy.limits.list_length,
      },
    },
    shadow: { files: file.shadow.files.map(absolute), parameters: parameters.shadow },
    collectors: file.collectors ?? null,
    controllers: file.controllers,
    plugins: file.plugins.map(absolute),
    balloonMin: file.guests.balloon_min.map(({ match, min }) => ({ match, minKib: min })),
    ballooningOff: file.guests.ballooning_off,
    guestLabels: file.guests.labels,
    guestMetadata: {
      minUpTo: file.guests.metadata.min_up_to,
      labels: file.guests.metadata.labels,
      ballooningOff: file.guests.metadata.ballooning_off,
      ovirt: file.guests.metadata.ovirt,
    },
    pluginSettings,
    record:
      record === undefined
        ? null
        : {
            path: absolute(record.path),
            rotateBytes: record.rotate_size * 1024,
            rotateMs: record.rotate_age,
            keep: record.keep,
            keepMs: record.keep_age,
            keepBytes: record.keep_size * 1024,
          },
    log: { level: log.level, format: log.format, file: optional(log.file) },
    metrics: { listen: listenIn(file.metrics.listen, absolute) },
    control: {
      enabled: file.control.enabled,
      group: file.control.group ?? null,
      statusFor: file.control.status_for,
      momRpc: listenIn(file.control.mom_rpc, absolute),
    },
    shutdown: file.shutdown,
    runtimeDir: optional(file.runtime_dir),
    stateDir: optional(file.state_dir),
    stopFile: optional(file.stop_file),
    dryRun: file.dry_run,
    hostRoot: absolute(file.host_root),
  };
}

function listenIn(listen: ListenAddress | undefined, absolute: (relative: string) => string): ListenAddress | null {
  return listen?.kind === 'unix' ? { kind: 'unix', path: absolute(listen.path) } : (listen ?? null);
}
