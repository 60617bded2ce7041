import { escapeJson } from '../../model/text.ts';
import { access, constants } from 'node:fs/promises';
import { ClientError } from '../../control/client.ts';
import { releaseAnswer } from '../../control/views/release.ts';
import { buildParts } from '../../compose/daemon.ts';
import { realEnvironment } from '../../compose/environment.ts';
import { openLog } from '../../compose/log.ts';
import { loadHostSetup } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import { directoriesOf } from '../../config/directories.ts';
import type { Config } from '../../config/model.ts';
import type { Environment } from '../../daemon/environment.ts';
import { releaseGuests as giveBack, unreadGuest } from '../../daemon/release.ts';
import { stopReason } from '../../daemon/stop-file.ts';
import { apply } from '../../engine/apply.ts';
import { guestMeant, safeGuestName } from '../../model/guest-name.ts';
import { numberOf } from '../../model/sample.ts';
import type { PolicyInput, Snapshot } from '../../model/snapshot.ts';
import { unreadGuests } from '../../model/unread-guests.ts';
import type { LoggerOf } from '../../observe/log/logger.ts';
import type { Plugins } from '../../plugin/plugins.ts';
import { suggest } from '../../support/suggest.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { daemonClient, type DaemonChoice } from '../support/daemon-client.ts';
import { hostHolder, lockHost, told } from '../support/locks.ts';
import { releaseReport } from './release-report.ts';

export interface ReleaseOptions extends DaemonChoice {
  /** Names or UUIDs; empty: all guests that run. */
  readonly guests: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
}

/**
 * `ballast release`: gives guests their maximum, as far as the guards allow. A daemon that runs does it, between two of its intervals;
 * else it is done here, through libvirt.
 * @throws SetupError, ClientError
 */
export async function release(options: ReleaseOptions, io: Io, stop: AbortSignal): Promise<number> {
  if (options.socket !== undefined) return askDaemon(options, io);
  const setup = await loadHostSetup(options.config ?? null);
  const holder = await hostHolder(setup.config, io.userRuntime);
  if (holder?.what !== 'ballast run') {
    if (await isForbidden(directoriesOf(setup.config, io.userRuntime).controlSocket)) return askDaemon(options, io);
    return releaseHere(options, setup, io, stop);
  }
  try {
    const { controlSocket } = directoriesOf(setup.config, io.userRuntime);
    return await askDaemon({ ...options, socket: controlSocket }, io);
  } catch (error) {
    const { code = '' } = ((error instanceof ClientError ? error.cause : null) ?? {}) as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    // A daemon without its sockets can only be watched.
    if (options.dryRun || setup.config.dryRun) return releaseHere(options, setup, io, stop);
    throw new SetupError(`${told(holder)} already writes to this host and has no control socket; ${REMEDY}`, { cause: error }); // prettier-ignore
  }
}

/** A lock is only seen by its user: another user's daemon says with its socket that this one may not ask it. */
function isForbidden(socket: string): Promise<boolean> {
  return access(socket, constants.W_OK).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'EACCES',
  );
}

const REMEDY = 'it would take the memory back. Stop it first; with "shutdown: release" it then gives back by itself';

async function askDaemon({ guests, dryRun, json, ...choice }: ReleaseOptions, io: Io): Promise<number> {
  const client = await daemonClient(choice, 'control', 'release', io);
  const body = { ...(guests.length > 0 && { guests: [...guests] }), dry_run: dryRun };
  const answer = await client.call('release', { body });
  const report = releaseReport(answer);
  io.stdout.write(json ? `${escapeJson(JSON.stringify(answer, null, 2))}\n` : report.text);
  const isAny = answer.guests.some(({ to_kib: to }) => to !== null);
  if (isAny && !answer.dry_run)
    io.stderr.write('the daemon goes on: what its policies ask for later holds; "ballast pause GUEST" prevents that\n');
  return report.left === 0 ? EXIT.ok : EXIT.problems;
}

async function releaseHere(
  options: ReleaseOptions,
  { config, plugins }: Awaited<ReturnType<typeof loadHostSetup>>,
  io: Io,
  stop: AbortSignal,
): Promise<number> {
  const dryRun = options.dryRun || config.dryRun;
  const lock = dryRun ? null : await lockHost(config, io.userRuntime, 'ballast release', 'try again when it has ended');
  if (lock?.warning) io.stderr.write(`${lock.warning}\n`);
  const log = await openLog({ level: 'error', format: 'pretty', file: null }, io.stderr);
  const environment = realEnvironment({ ...config, dryRun }, io.userRuntime);
  try {
    const { stopFile } = directoriesOf(config, io.userRuntime);
    const why = (dryRun ? null : await stopReason(stopFile)) ?? (await connect(environment, io));
    if (why !== null) return failed(io, why);
    const parts = { config, plugins, environment, stopFile, log: log.of };
    return await releaseThrough({ ...options, dryRun }, parts, io, stop);
  } finally {
    await environment.hypervisor.close();
    await log.close();
    await lock?.release();
  }
}

/** @returns why there is no connection; null: there is one */
async function connect({ hypervisor }: Environment, io: Io): Promise<string | null> {
  let reason = 'no connection to libvirt';
  hypervisor.onEvent((event) => {
    if (event.kind === 'disconnected') reason = event.reason;
    if (event.kind !== 'notice') return;
    io.stderr.write(`${event.guest === null ? '' : `${safeGuestName(event.guest.name)}: `}${event.message}\n`);
  });
  return (await hypervisor.start()) ? null : reason;
}

interface Parts {
  readonly config: Config;
  readonly plugins: Plugins;
  readonly environment: Environment;
  readonly stopFile: string;
  readonly log: LoggerOf;
}

async function releaseThrough(options: ReleaseOptions, parts: Parts, io: Io, stop: AbortSignal): Promise<number> {
  const { config, plugins, environment, stopFile, log } = parts;
  const { taker, decider, controllers } = buildParts({ config, program: null }, plugins, environment, log);
  let snapshot = await taker.take(stop);
  let input = decider.observe(snapshot);
  if (!options.dryRun && lacksReports(input, snapshot, config.libvirt.statsPeriodS)) {
    // The daemon that set their statistics periods has reset them when it stopped.
    io.stderr.write('waiting for the statistics of guests that have not reported lately\n');
    await environment.clock.sleep(config.libvirt.statsPeriodS * 1000 + REPORT_MS, stop);
    snapshot = await taker.take(stop);
    input = decider.observe(snapshot);
  }
  const unread = unreadGuests(snapshot.problems);
  if (input === null || unread !== undefined)
    return failed(io, (unread ?? snapshot.problems[0])?.message ?? 'the host could not be read');
  const problems = snapshot.problems.flatMap(({ guest, message }) =>
    guest === null || snapshot.guests.some(({ uuid }) => uuid === guest.uuid) ? [] : [{ guest, message }],
  );
  const chosen = chosenGuests(options.guests, [...snapshot.guests, ...problems.map(({ guest }) => guest)]);
  const { callTimeoutMs } = config.libvirt;
  const { guests } = await giveBack(
    input,
    chosen,
    {
      controllers,
      plan: (requests, now) => decider.plan({ requests }, now),
      apply: (actions, signal) =>
        apply(
          actions,
          controllers.effects(callTimeoutMs, () => stopReason(stopFile)),
          signal,
        ),
      look: async (signal) => decider.observe(await taker.take(signal)),
      dryRun: options.dryRun,
    },
    stop,
  );
  const missing = problems.filter(({ guest }) => chosen.has(guest.uuid)).map(({ guest, message }) => unreadGuest(guest, message)); // prettier-ignore
  const answer = releaseAnswer(chosen.size, [...guests, ...missing], options.dryRun);
  const report = releaseReport(answer);
  io.stdout.write(options.json ? `${escapeJson(JSON.stringify(answer, null, 2))}\n` : report.text);
  return report.left === 0 ? EXIT.ok : EXIT.problems;
}

/** A report may be this much later than its period, milliseconds. */
const REPORT_MS = 1500;

/** Whether a guest that could get something back has old statistics or none, although its period could be set. */
function lacksReports(input: PolicyInput | null, { problems }: Snapshot, statsPeriodS: number): boolean {
  if (input === null || statsPeriodS === 0) return false;
  // Without any report a guest is not in the snapshot.
  if (problems.some(({ told }) => told)) return true;
  return input.guests.some(({ samples }) => {
    const [cur, max, ageS] = ['balloon_cur', 'balloon_max', 'stats_age'].map((name) =>
      numberOf(input.guestLayout, samples, name),
    );
    return (cur ?? 0) < (max ?? 0) && (ageS ?? Infinity) > statsPeriodS + REPORT_MS / 1000;
  });
}

/** The UUIDs of guests by name or UUID. @throws SetupError for one that does not run */
function chosenGuests(
  names: readonly string[],
  running: readonly { readonly name: string; readonly uuid: string }[],
): ReadonlySet<string> {
  if (names.length === 0) return new Set(running.map(({ uuid }) => uuid));
  const unknown = names.filter((wanted) => !running.some(guestMeant(wanted, running)));
  if (unknown.length > 0)
    throw new SetupError(
      unknown
        .map((wanted) => {
          const meant = suggest(
            wanted,
            running.map(({ name }) => name),
          );
          const list = running.length > 0 ? '; "virsh list" has those that run' : '; no guest runs';
          return `no guest ${safeGuestName(wanted)} runs${meant === null ? list : `; did you mean ${safeGuestName(meant)}?`}`;
        })
        .join('\n'),
    );
  return new Set(names.flatMap((wanted) => running.filter(guestMeant(wanted, running))).map(({ uuid }) => uuid));
}

function failed(io: Io, why: string): number {
  io.stderr.write(`nothing was given back: ${why}\n`);
  return EXIT.problems;
}
