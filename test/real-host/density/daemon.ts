import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { start, type RunningProcess } from '../../support/process.ts';
import { pacedGuards, pacedPolicy, POLICY_PACE } from './pace.ts';

/** How Ballast is started: the same for all policies of a comparison. */
export interface DaemonSetup {
  /** The built command. */
  readonly command: string;
  /** For the configuration. */
  readonly folder: string;
  /** A config file whose keys are added; null: none. */
  readonly config: string | null;
  /** See {@link pacedGuards}. */
  readonly pace: number;
}

/** The host that a daemon sees. */
export interface SeenHost {
  /** Its `host_root`; null: none, because it is simulated. */
  readonly root: string | null;
  readonly kib: number;
}

const MOVED = /Ballooning guest:\S+ from \d+ to \d+$/;

/** A Ballast with one policy. */
export class Daemon {
  readonly #process: RunningProcess;

  private constructor(process: RunningProcess) {
    this.#process = process;
  }

  /** Resolves when it is connected. */
  static async start(setup: DaemonSetup, policy: string, host: SeenHost): Promise<Daemon> {
    const config = await writeConfig(setup, policy, host);
    const daemon = new Daemon(start(setup.command, ['run', '--config', config]));
    await daemon.#process.waitForLine(/Connected to qemu:\/\/\/system/);
    return daemon;
  }

  /** Stops it, and resolves to its log. */
  async stop(): Promise<readonly string[]> {
    const { code } = await this.#process.stop('SIGTERM');
    if (code !== 0) throw new Error(['Ballast failed:', ...this.#process.stderr.slice(-20)].join('\n'));
    return this.#process.stderr;
  }

  /** For a run that has failed. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** Writes the configuration for a policy, with a copy of the policy at the same pace. @returns its path */
export async function writeConfig(
  { folder, config, pace }: Omit<DaemonSetup, 'command'>,
  policy: string,
  host: SeenHost,
): Promise<string> {
  const name = basename(policy);
  const paced = join(folder, name);
  await writeFile(paced, pacedPolicy(await readFile(policy, 'utf8'), POLICY_PACE));
  const added = config === null ? {} : (parse(await readFile(config, 'utf8')) as object);
  const guards = await pacedGuards(pace);
  const keys = {
    ...guards,
    rhythm: { ...guards['rhythm'], ...NO_GRACE },
    guests: { balloon_min: [{ match: '*', min: LEAST }] },
  };
  const path = join(folder, `${name}.yaml`);
  await writeFile(path, daemonConfig(paced, host, { ...keys, ...added }));
  return path;
}

/** The share of 512 MiB in a host of 16 GiB. */
export const RESERVE_SHARE = 1 / 32;

/** The floor of the smallest guests, which is their `balloon_min` too: a policy may leave guests without one alone, as proxmox.policy does. */
export const LEAST = '256MiB';

/** All guests have just booted. */
const NO_GRACE = { boot_grace: '0s' };

/**
 * The default configuration, except for shorter intervals (the plan changes within seconds), no grace for guests that have just booted, no
 * KSM (the guests are filled with the same pages, unlike real ones), and a reserve that is in proportion to the host (the default is meant for
 * hosts of many GiB).
 */
export function daemonConfig(policy: string, host: SeenHost, added: object): string {
  const reserveKib = Math.ceil(RESERVE_SHARE * host.kib);
  return stringify({
    collect_interval: '1s',
    policy_interval: '1s',
    rhythm: NO_GRACE,
    budget: { reserve: `${reserveKib}KiB` },
    emergency: { below: `${Math.ceil(reserveKib / 2)}KiB` },
    controllers: ['balloon'],
    log: { format: 'mom' },
    ...added,
    ...(host.root !== null && { host_root: host.root }),
    policy: { ...(added as { policy?: object }).policy, files: [policy] },
  });
}

/** Balloon targets that were set. */
export function countMoves(log: readonly string[]): number {
  return log.filter((line) => MOVED.test(line)).length;
}
