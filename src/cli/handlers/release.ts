import { buildParts } from '../../compose/daemon.ts';
import { realEnvironment } from '../../compose/environment.ts';
import { openLog } from '../../compose/log.ts';
import { loadHostSetup } from '../../compose/setup.ts';
import { SetupError } from '../../compose/setup-error.ts';
import { directoriesOf } from '../../config/directories.ts';
import type { Config } from '../../config/model.ts';
import type { Environment } from '../../daemon/environment.ts';
import { restore } from '../../daemon/restore.ts';
import { stopReason } from '../../daemon/stop-file.ts';
import { apply } from '../../engine/apply.ts';
import type { Action, Outcome } from '../../model/decision.ts';
import { safeGuestName } from '../../model/guest-name.ts';
import { numberOf } from '../../model/sample.ts';
import type { PolicyInput, Snapshot } from '../../model/snapshot.ts';
import type { LoggerOf } from '../../observe/log/logger.ts';
import type { Plugins } from '../../plugin/plugins.ts';
import { suggest } from '../../support/suggest.ts';
import { EXIT } from '../support/exit-codes.ts';
import type { Io } from '../support/io.ts';
import { lockHost } from '../support/locks.ts';
import { releaseReport } from './release-report.ts';

export interface ReleaseOptions {
  /** Names or UUIDs; empty: all guests that run. */
  readonly guests: readonly string[];
  readonly config: string | null;
  readonly dryRun: boolean;
}

const REMEDY = 'it would take the memory back. Stop it first; with "shutdown: release" it then gives back by itself';

/**
 * `ballast release`: gives guests their maximum through libvirt, as far as the guards allow.
 * @throws SetupError
 */
export async function releaseGuests(options: ReleaseOptions, io: Io, stop: AbortSignal): Promise<number> {
  const { config, plugins } = await loadHostSetup(options.config);
  const dryRun = options.dryRun || config.dryRun;
  const lock = dryRun ? null : await lockHost(config, io.userRuntime, 'ballast release', REMEDY);
  if (lock?.warning) io.stderr.write(`${lock.warning}\n`);
  const log = await openLog({ level: 'error', format: 'pretty', file: null }, io.stderr);
  const environment = realEnvironment({ ...config, dryRun }, io.userRuntime);
  try {
    const { stopFile } = directoriesOf(config, io.userRuntime);
    const why = (dryRun ? null : await stopReason(stopFile)) ?? (await connect(environment, io));
    if (why !== null) return failed(io, why);
    return await release({ ...options, dryRun }, { config, plugins, environment, stopFile, log: log.of }, io, stop);
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

async function release(options: ReleaseOptions, parts: Parts, io: Io, stop: AbortSignal): Promise<number> {
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
  const unread = snapshot.problems.find(({ guest, collector }) => guest === null && collector === 'hypervisor');
  if (input === null || unread !== undefined)
    return failed(io, (unread ?? snapshot.problems[0])?.message ?? 'the host could not be read');
  const problems = snapshot.problems.flatMap(({ guest, message }) =>
    guest === null || snapshot.guests.some(({ uuid }) => uuid === guest.uuid) ? [] : [{ guest, message }],
  );
  const chosen = chosenGuests(options.guests, [...snapshot.guests, ...problems.map(({ guest }) => guest)]);
  const { callTimeoutMs } = config.libvirt;
  const restored = await restore(
    input,
    {
      wanted: (now) => ({
        requests: controllers.release(now).filter(({ guest }) => guest !== null && chosen.has(guest.uuid)),
        held: [],
      }),
      plan: (requests, now) => decider.plan({ requests }, now),
      apply: async (actions, signal) =>
        options.dryRun
          ? asDone(actions)
          : apply(
              actions,
              controllers.effects(callTimeoutMs, () => stopReason(stopFile)),
              signal,
            ),
      look: async (signal) => (options.dryRun ? null : decider.observe(await taker.take(signal))),
      settled: (now, writes) => controllers.settled(now, writes),
    },
    stop,
  );
  const report = releaseReport({
    ...{ guests: chosen.size, restored, dryRun: options.dryRun },
    unread: problems.filter(({ guest }) => chosen.has(guest.uuid)),
    present: controllers.values(input),
  });
  io.stdout.write(report.text);
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
  const unknown = names.filter((wanted) => !running.some(({ name, uuid }) => wanted === name || wanted === uuid));
  if (unknown.length > 0)
    throw new SetupError(
      unknown
        .map((wanted) => {
          const meant = suggest(
            wanted,
            running.map(({ name }) => name),
          );
          return `no guest "${wanted}" runs${meant === null ? '' : `; did you mean "${meant}"?`}`;
        })
        .join('\n'),
    );
  return new Set(
    running.filter(({ name, uuid }) => names.includes(name) || names.includes(uuid)).map(({ uuid }) => uuid),
  );
}

function asDone(actions: readonly Action[]): readonly Outcome[] {
  return actions.map((action) => ({ action, status: 'done', detail: null }));
}

function failed(io: Io, why: string): number {
  io.stderr.write(`nothing was given back: ${why}\n`);
  return EXIT.problems;
}
