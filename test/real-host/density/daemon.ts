import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { start, type RunningProcess } from '../../support/process.ts';

/** How Ballast is started: the same for all policies of a comparison. */
export interface DaemonSetup {
  /** The built command. */
  readonly command: string;
  /** For the configuration. */
  readonly folder: string;
  /** A config file whose keys are added; null: none. */
  readonly config: string | null;
}

const MOVED = /Ballooning guest:\S+ from \d+ to \d+$/;

/**
 * A Ballast with one policy and the default configuration, except for shorter intervals (the plan changes within seconds), no grace for
 * guests that have just booted (all have), no KSM (the guests are filled with the same pages, unlike real ones), and a reserve that is
 * in proportion to the host (the default is meant for hosts of many GiB).
 */
export class Daemon {
  readonly #process: RunningProcess;

  private constructor(process: RunningProcess) {
    this.#process = process;
  }

  /** Resolves when it is connected. */
  static async start(
    setup: DaemonSetup,
    policy: string,
    host: { readonly root: string; readonly kib: number },
  ): Promise<Daemon> {
    const added = setup.config === null ? {} : (parse(await readFile(setup.config, 'utf8')) as object);
    const config = join(setup.folder, `${basename(policy)}.yaml`);
    await writeFile(config, daemonConfig(resolve(policy), host, added));
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

/** The share of 512 MiB in a host of 16 GiB. */
export const RESERVE_SHARE = 1 / 32;

export function daemonConfig(
  policy: string,
  host: { readonly root: string; readonly kib: number },
  added: object,
): string {
  const reserveKib = Math.ceil(RESERVE_SHARE * host.kib);
  return stringify({
    collect_interval: '1s',
    policy_interval: '2s',
    rhythm: { boot_grace: '0s' },
    budget: { reserve: `${reserveKib}KiB` },
    emergency: { below: `${Math.ceil(reserveKib / 2)}KiB` },
    controllers: ['balloon'],
    log: { format: 'mom' },
    ...added,
    host_root: host.root,
    policy: { ...(added as { policy?: object }).policy, files: [policy] },
  });
}

/** Balloon targets that were set. */
export function countMoves(log: readonly string[]): number {
  return log.filter((line) => MOVED.test(line)).length;
}
