import { BALLOON_LIMITS, floorOf } from '../../guards/support/floor.ts';
import { directoriesOf } from '../config/directories.ts';
import { changingHandlers } from '../control/handlers/changing.ts';
import type { ControlParts } from '../control/handlers/parts.ts';
import { readingHandlers } from '../control/handlers/reading.ts';
import { Kept } from '../control/kept/kept.ts';
import { groupNumber } from '../control/server/group.ts';
import { MomServer } from '../control/mom/server.ts';
import { ControlServer } from '../control/server/server.ts';
import { SocketError } from '../control/server/socket-file.ts';
import { Daemon, type DaemonParts } from '../daemon/daemon.ts';
import type { DaemonConfig } from '../daemon/configuration.ts';
import type { Environment } from '../daemon/environment.ts';
import { usableDirectory } from '../daemon/process-lock.ts';
import { settingsFor } from '../engine/plugin-settings.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import type { IntervalObserver } from '../observe/observer.ts';
import type { Plugins } from '../plugin/plugins.ts';
import { addressText } from '../support/listen-address.ts';
import { daemonParts, type DaemonExtras } from './daemon.ts';

/** A daemon that remembers what its sockets answer from. */
export interface ControlledDaemon {
  readonly daemon: Daemon;
  readonly running: DaemonParts;
  readonly kept: Kept;
}

export function buildControlledDaemon(
  first: DaemonConfig,
  plugins: Plugins,
  environment: Environment,
  log: LoggerOf,
  {
    version,
    observers: others = [],
  }: { readonly version?: string; readonly observers?: readonly IntervalObserver[] } = {},
): ControlledDaemon {
  const kept: Kept[] = [];
  const observers: DaemonExtras['observers'] = ({ configuration, parameters }) => {
    kept.push(
      new Kept(environment.clock.monotonic, () => ({
        program: configuration.program,
        params: parameters.resolver,
      })),
    );
    return [...kept, ...others];
  };
  const running = daemonParts(first, plugins, environment, log, {
    ...(version !== undefined && { version }),
    observers,
  });
  return { daemon: new Daemon(running), running, kept: kept[0]! };
}

export type ControlChoice = Pick<ControlParts, 'version' | 'pid' | 'configPath' | 'recordsOnly' | 'commands' | 'log'>;

/** The open sockets of a daemon. */
export interface OpenControl {
  close(): Promise<void>;
}

/**
 * Opens the sockets of a daemon. One that cannot be made is reported in the log.
 * @returns closes them; null: they are switched off
 */
export async function openControl(
  { daemon, running, kept }: ControlledDaemon,
  plugins: Plugins,
  choice: ControlChoice,
): Promise<OpenControl | null> {
  const { configuration, environment, taker } = running;
  const { config } = configuration;
  if (!config.control.enabled && config.control.momRpc === null) return null;
  const floorKib = (max: number, min: number): number =>
    floorOf({ max, min }, settingsFor({ settings: BALLOON_LIMITS }, configuration.config.pluginSettings));
  const layouts = { host: taker.hostLayout, guest: taker.guestLayout };
  const parts: ControlParts = { ...choice, daemon, running, kept, layouts, vocabulary: plugins.vocabulary, floorKib };
  const log = choice.log('control');
  await running.pauses.adopt();
  const server = new ControlServer({ ...readingHandlers(parts), ...changingHandlers(parts) }, log);
  const opened: OpenControl[] = [server];
  /** A dry run may be a guest in the directory of a daemon, or have none of its own. */
  const level = config.dryRun ? 'info' : 'error';
  const { enabled, group, statusFor, momRpc } = config.control;
  const { runtime, statusSocket, controlSocket } = directoriesOf(config, environment.userRuntime);
  if (enabled)
    await orLogged(
      async () => {
        if ((await usableDirectory([runtime], true)) === null)
          throw new SocketError(`${runtime} must be a directory that belongs to this user and that no other may write`);
        const gid = group === null ? null : await groupNumber(group);
        await server.listen('read', statusSocket, statusFor === 'all' ? 0o666 : 0o664, gid);
        await server.listen('change', controlSocket, 0o660, gid);
        log.info({ status: statusSocket, control: controlSocket }, `Listening on ${statusSocket} and ${controlSocket}`);
      },
      (why) => log[level](`No control socket: ${why}. The daemon runs without it`),
    );
  if (momRpc !== null)
    await orLogged(
      async () => {
        const mom = new MomServer(momRpc, server.call, log);
        opened.push(mom);
        await mom.listen(group === null ? null : await groupNumber(group));
        const text = `MOM's verbs are at ${addressText(momRpc)}`;
        if (momRpc.kind === 'unix') log.info(text);
        else log.warn(`${text}: every user of this host can replace the policies`);
      },
      (why) => log[level](`No verbs of MOM: ${why}. The daemon runs without them`),
    );
  return { close: async () => void (await Promise.all(opened.map((each) => each.close()))) };
}

async function orLogged(open: () => Promise<void>, failed: (why: string) => void): Promise<void> {
  try {
    await open();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    failed(error.message);
  }
}
