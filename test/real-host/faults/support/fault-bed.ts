import { access, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bedPaths,
  Guest,
  HostRoot,
  startBallast,
  virsh,
  waitFor,
  type GuestOptions,
  type RunningProcess,
} from '../../support/index.ts';

/** The size of each guest, KiB. */
export const FULL_KIB = 524_288;
/** The default floor of these guests, KiB. */
export const FLOOR_KIB = 262_144;
export const INTERVAL_MS = 1000;

/** Hostile: asks for nothing at all until a guest is near its floor, then for everything, and so on. */
const SWAY = `
(with Guests vm {
  (if (<= vm.balloon_cur 300000) (vm.SetVar "down" 0) 0)
  (if (>= vm.balloon_cur vm.balloon_max) (vm.SetVar "down" 1) 0)
  (vm.Control "balloon_target" (if (== 1 (default (vm.GetVar "down") 1)) 1 vm.balloon_max))
})`;

/** Writes KSM in every interval, and counts the evaluations in the log. */
const STEER_KSM = `
(Host.SetVar "n" (+ 1 (default (Host.GetVar "n") 0)))
(debug "evaluation" (Host.GetVar "n"))
(Host.Control "ksm_run" 1)
(Host.Control "ksm_pages_to_scan" (if (== 0 (mod (default (Host.GetVar "n") 0) 2)) 200 300))`;

/** A site plugin: starts the command in the file `order` after guests were read and before the decision. */
const SABOTEUR = `
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
const order = new URL('order', import.meta.url);
export default {
  name: 'saboteur', scope: 'host',
  fields: [{ name: 'sabotage', type: 'string', unit: 'none', optional: true, doc: 'What was done in this interval', source: 'the test' }],
  create: () => ({
    async collect() {
      if (!existsSync(order)) return {};
      const { command, waits } = JSON.parse(readFileSync(order, 'utf8'));
      rmSync(order);
      const child = spawn(command[0], command.slice(1), { stdio: 'ignore' });
      await once(child, waits ? 'close' : 'spawn');
      return { sabotage: command.join(' ').slice(0, 200) };
    },
  }),
};`;

/** A running daemon, and its recording. */
export interface FaultRun {
  readonly ballast: RunningProcess;
  readonly config: string;
  readonly recording: string;
}

/** Guests, a short host and a hostile policy: what all fault scenarios begin with. */
export class FaultBed {
  readonly guests: readonly Guest[];
  readonly host: HostRoot;
  readonly folder: string;

  private constructor(guests: readonly Guest[], host: HostRoot, folder: string) {
    this.guests = guests;
    this.host = host;
    this.folder = folder;
  }

  static async create(names: readonly string[], more: Partial<GuestOptions> = {}): Promise<FaultBed> {
    const guests = await Guest.startAll(
      names.map((name) => ({ name, memoryMib: FULL_KIB / 1024, statsPeriodS: 1, ...more })),
    );
    const host = await HostRoot.create();
    await host.setFree(0.3);
    const folder = await mkdtemp(join(bedPaths().temporary, 'faults-'));
    await writeFile(join(folder, 'sway.policy'), SWAY);
    await writeFile(join(folder, 'steer-ksm.policy'), STEER_KSM);
    await writeFile(join(folder, 'saboteur.mjs'), SABOTEUR);
    return new FaultBed(guests, host, folder);
  }

  async close(): Promise<void> {
    await this.host.close();
  }

  /** Writes a config file and returns its path. */
  async configure(name: string, lines: readonly string[] = []): Promise<string> {
    const config = join(this.folder, `${name}.yaml`);
    const usual = [
      `collect_interval: ${INTERVAL_MS}ms`,
      `policy_interval: ${INTERVAL_MS}ms`,
      `host_root: ${this.host.path}`,
      'log: {format: mom}',
      'libvirt: {call_timeout: 2s, stats_period: 1s}',
      'balloon: {max_stats_age: 6s}',
      // The guests have just booted, sway on purpose, and lack memory that was never touched.
      'rhythm: {boot_grace: 0s, cool_down: 0s}',
      'settle: {enabled: false}',
      'returns: {enabled: false}',
      'policy: [sway.policy, steer-ksm.policy]',
      `record: {path: ${this.recording(name)}}`,
      'shutdown: restore',
    ];
    const replaced = new Set(lines.map((line) => line.split(':')[0]));
    const all = [...usual.filter((line) => !replaced.has(line.split(':')[0])), ...lines];
    await writeFile(config, all.map((line) => `${line}\n`).join(''));
    return config;
  }

  recording(name: string): string {
    return join(this.folder, `${name}.jsonl`);
  }

  /** Starts a daemon. `lines` replace those of the usual config that have the same key. */
  async start(
    name: string,
    lines: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<FaultRun> {
    const config = await this.configure(name, lines);
    const ballast = startBallast(['run', '--config', config], { env });
    return { ballast, config, recording: this.recording(name) };
  }

  /** Has the command started within the next interval: after guests were read, before the decision. */
  async order(run: FaultRun, command: readonly string[], { waits = true } = {}): Promise<void> {
    const order = join(this.folder, 'order');
    await writeFile(`${order}.new`, JSON.stringify({ command, waits }));
    await rename(`${order}.new`, order);
    await waitFor(`the daemon to have run ${command.join(' ')}`, 60_000, () =>
      access(order).then(
        () => false,
        () => true,
      ),
    );
    await nextEvaluations(run, 1);
  }
}

/** A logged balloon move of the guest. */
export function moveOf(guest: { readonly domain: string }): RegExp {
  return new RegExp(`Ballooning guest:${guest.domain} from \\d+ to \\d+$`);
}

/** Waits until the guest was ballooned `times` more times. */
export async function nextMoves({ ballast }: FaultRun, guest: { readonly domain: string }, times = 2): Promise<void> {
  for (let time = 0; time < times; time++) await ballast.waitForLine(moveOf(guest), 90_000, ballast.lineCount());
}

/** Waits for so many more evaluations of the policies. */
export async function nextEvaluations({ ballast }: FaultRun, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await ballast.waitForLine(/evaluation \d+/, 60_000, ballast.lineCount());
}

/** Waits until all guests have their full size, as the daemon will see it: bulk statistics lag behind QEMU by up to a second. */
export async function allFull(guests: readonly Guest[]): Promise<void> {
  await waitFor('the balloons to be empty', 90_000, async () => {
    const texts = await Promise.all(guests.map(({ domain }) => virsh('domstats', '--balloon', domain)));
    return texts.every((text) => Number(/balloon\.current=(\d+)/.exec(text)?.[1]) === FULL_KIB);
  });
}
