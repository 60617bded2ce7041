import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from './bed/command.ts';
import {
  bedPaths,
  fillDisk,
  Guest,
  HostRoot,
  ksm,
  libvirtd,
  RealPressure,
  runBallast,
  startBallast,
  virsh,
  waitFor,
  type KsmSettings,
  type RunningProcess,
} from './support/index.ts';

const MIB = 1024;
const FULL_KIB = 512 * MIB;

/** The minimum of the guest `keeper`, KiB. */
const KEPT_KIB = 400 * MIB;

/**
 * Shrinks and grows every guest alternately, so that a guest that is not ballooned is noticed. Counts the evaluations of each
 * guest, so that lost variables are noticed.
 */
const SWAY = `
(with Guests vm {
  (vm.SetVar "seen" (+ 1 (if (valid (vm.GetVar "seen")) (vm.GetVar "seen") 0)))
  (debug "seen" (vm.Prop "name") (vm.GetVar "seen"))
  (vm.Control "balloon_target" (if (< vm.balloon_cur 425000) 440000 340000))
})`;

const STEER_KSM = `
(Host.SetVar "up" (- 1 (default (Host.GetVar "up") 0)))
(Host.Control "ksm_run" 1)
(Host.Control "ksm_pages_to_scan" (+ 200 (* 100 (default (Host.GetVar "up") 0))))`;

/** A site plugin: a collector that destroys the guest named in a file, after guests were read and before the decision. */
const DESTROYER = `
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
const order = new URL('destroy', import.meta.url);
export default {
  name: 'destroyer', scope: 'host',
  fields: [{ name: 'destroyed', type: 'string', unit: 'none', optional: true, doc: 'A guest that is gone now', source: 'the test' }],
  create: () => ({
    collect() {
      if (!existsSync(order)) return {};
      const guest = readFileSync(order, 'utf8');
      rmSync(order);
      execFileSync('virsh', ['-q', '-c', 'qemu:///system', 'destroy', guest]);
      return { destroyed: guest };
    },
  }),
};`;

let host: HostRoot;
let folder: string;
let web1: Guest;
let web10: Guest;
let keeper: Guest;
let quiet: Guest;
let driverless: Guest;
let before: KsmSettings;

const all = (): readonly Guest[] => [web1, web10, keeper, quiet, driverless];
const actual = async (guest: Guest): Promise<number> => (await guest.memoryStats()).get('actual') ?? Number.NaN;
const moved = (guest: Guest): RegExp => new RegExp(`Ballooning guest:${guest.domain} from \\d+ to \\d+$`);

/** The logged targets of a guest. */
function targets(ballast: RunningProcess, guest: Guest, from = 0): readonly number[] {
  return ballast.stderr
    .slice(from)
    .flatMap((line) => (moved(guest).test(line) ? [Number(line.split(' ').at(-1))] : []));
}

/** Waits until the guest is ballooned `times` more times. */
async function waitForMoves(ballast: RunningProcess, guest: Guest, times = 2): Promise<void> {
  for (let time = 0; time < times; time++) await ballast.waitForLine(moved(guest), 60_000, ballast.lineCount());
}

const linesWith = (ballast: RunningProcess, text: string): readonly string[] =>
  ballast.stderr.filter((line) => line.includes(text));

async function configure(
  name: string,
  lines: readonly string[],
  { root = host.path, history = 60 } = {},
): Promise<string> {
  const path = join(folder, `${name}.yaml`);
  await writeFile(
    path,
    [
      'collect_interval: 1s',
      'policy_interval: 1s',
      `history: ${history}`,
      `host_root: ${root}`,
      'log: {format: mom}',
      'libvirt: {call_timeout: 2s, stats_period: 1s}',
      'balloon: {max_stats_age: 6s}',
      // These guests have just booted, and sway on purpose; their memory was never touched, so it does not come back.
      'rhythm: {enabled: false}',
      'settle: {enabled: false}',
      'returns: {enabled: false}',
      // The keeper's own minimum is more than half of its maximum.
      'guests: {metadata: {min_up_to: 80%}}',
      ...lines,
      '',
    ].join('\n'),
  );
  return path;
}

beforeAll(async () => {
  before = await ksm.settings();
  const usual = { memoryMib: 512, statsPeriodS: 1 };
  const metadata = "<b:guest xmlns:b='https://ballast.example/libvirt/1' min='400MiB'/>";
  [web1, web10, keeper, quiet, driverless] = (await Guest.startAll([
    { name: 'web-1', ...usual },
    { name: 'web-10', ...usual },
    { name: 'keeper', ...usual, metadata },
    { name: 'quiet', ...usual, statsPeriodS: 0 },
    { name: 'driverless', memoryMib: 128, balloonDriver: false },
  ])) as [Guest, Guest, Guest, Guest, Guest];
  host = await HostRoot.create();
  await host.setFree(0.1);
  folder = await mkdtemp(join(bedPaths().temporary, 'faults-'));
  await writeFile(join(folder, 'sway.policy'), SWAY);
  await writeFile(join(folder, 'steer-ksm.policy'), STEER_KSM);
  await writeFile(join(folder, 'destroyer.mjs'), DESTROYER);
});

afterAll(async () => {
  await host?.close();
});

describe('a daemon during all faults', () => {
  let ballast: RunningProcess;
  let disk: string;

  beforeAll(async () => {
    disk = join(folder, 'disk');
    await mkdir(disk);
    await command('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', disk]);
    await libvirtd.stop();
    ballast = startBallast([
      'run',
      '--config',
      await configure('ballast', [
        'policy: [sway.policy, steer-ksm.policy]',
        'plugins: destroyer.mjs',
        `record: {path: ${join(disk, 'run.jsonl')}}`,
        'shutdown: restore',
      ]),
    ]);
  });

  afterAll(async () => {
    await ballast?.stop('SIGKILL');
    await command('umount', [disk]);
  });

  test('controls KSM without libvirtd at start, and guests once it is available', async () => {
    await ballast.waitForLine(
      /ERROR - No connection to libvirt; retrying in \S+ s, KSM control continues: cannot connect to libvirt at \S+: ENOENT, there is no such socket/,
    );
    await ballast.waitForLine(/KSM run from 0 to 1$/);
    await waitFor('KSM to run', 30_000, async () => (await ksm.read('run')) === 1);
    await ballast.waitForLine(/KSM pages_to_scan from \d+ to 300$/);
    await libvirtd.start();
    await ballast.waitForLine(/INFO - Connected to qemu:\/\/\/system$/);
    for (const guest of [web1, web10, keeper, quiet]) await waitForMoves(ballast, guest);
    expect(linesWith(ballast, 'No connection to libvirt')).toHaveLength(1);
  });

  test('excludes a guest without a balloon driver from policy evaluation, and names the cause once', async () => {
    const warning = new RegExp(
      `WARNING - guest:${driverless.domain} (?:has not reported any|never reports) statistics.*: .*balloon driver`,
    );
    await ballast.waitForLine(warning);
    await waitForMoves(ballast, web1, 3);
    expect(ballast.stderr.filter((line) => warning.test(line))).toHaveLength(1);
    expect(linesWith(ballast, `seen ${driverless.domain} `)).toEqual([]);
    expect(await driverless.alive()).toBe(true);
  });

  test('sets the statistics period of a guest that reports no statistics', async () => {
    await ballast.waitForLine(
      new RegExp(
        `WARNING - guest:${quiet.domain} reported no statistics: statistics period set to 1 s until Ballast stops$`,
      ),
    );
    expect(await virsh('dumpxml', quiet.domain)).toMatch(/<stats period='1'\/>/);
  });

  test('respects the minimum in the metadata of the domain XML', async () => {
    await waitFor('the keeper to be at its minimum', 60_000, async () => (await actual(keeper)) === KEPT_KIB);
    expect(Math.min(...targets(ballast, keeper))).toBe(KEPT_KIB);
  });

  test('distinguishes guests whose names have the same prefix', async () => {
    const [uuid1, uuid10] = await Promise.all([web1, web10].map((guest) => virsh('domuuid', guest.domain)));
    const recorded = (await readFile(join(disk, 'run.jsonl'), 'utf8')).trimEnd().split('\n').slice(1);
    const { guests } = JSON.parse(recorded.at(-1) ?? '') as { readonly guests: readonly (readonly [string, string])[] };
    expect(guests.filter(([name]) => name.startsWith(web1.domain)).map(([name, uuid]) => [name, uuid])).toEqual([
      [web1.domain, uuid1],
      [web10.domain, uuid10],
    ]);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'keeps samples and variables of guests when libvirtd is stopped by %s and restarted',
    async (signal) => {
      const seen = (): number[] =>
        linesWith(ballast, `seen ${web1.domain} `).map((line) => Number(line.split(' ').at(-1)));
      const connections = linesWith(ballast, 'Connected to').length;
      const at = ballast.lineCount();
      await libvirtd.stop(signal);
      await ballast.waitForLine(/ERROR - No connection to libvirt/, 60_000, at);
      // KSM control continues meanwhile.
      for (const _ of [1, 2, 3]) await ballast.waitForLine(/KSM pages_to_scan from/, 60_000, ballast.lineCount());
      await libvirtd.start();
      await waitFor('the connection', 60_000, () => linesWith(ballast, 'Connected to').length > connections);
      for (const guest of [web1, web10, keeper, quiet]) await waitForMoves(ballast, guest);
      const counted = seen();
      expect(counted).toEqual(counted.map((_, index) => index + 1));
      expect(await Promise.all(all().map((guest) => guest.alive()))).toEqual([true, true, true, true, true]);
    },
  );

  test('skips a stopped QEMU, and keeps the interval of other guests', async () => {
    const at = ballast.lineCount();
    await web10.sigstop();
    const unresponsive = new RegExp(`WARNING - guest:${web10.domain} does not respond to libvirt`);
    await ballast.waitForLine(unresponsive, 60_000, at);
    const from = ballast.lineCount();
    const fromMs = Date.now();
    await sleep(12_000);
    const upToMs = Date.now();
    const moves = targets(ballast, web1, from.stderr).length;
    const snapshots = (await readFile(join(disk, 'run.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line) as { readonly t: number; readonly guests: readonly (readonly [string])[] })
      .filter(({ t }) => t > fromMs && t < upToMs);
    await web10.sigcont();
    // Half as many as on an idle machine.
    expect(moves).toBeGreaterThanOrEqual(6);
    expect(snapshots.length).toBeGreaterThanOrEqual(6);
    for (const { guests } of snapshots)
      expect(guests.map(([name]) => name)).toEqual([keeper, quiet, web1].map(({ domain }) => domain));
    expect(targets(ballast, web10, from.stderr)).toEqual([]);

    await ballast.waitForLine(new RegExp(`WARNING - guest:${web10.domain} responds to libvirt again$`), 60_000, from);
    await waitForMoves(ballast, web10);
    expect(ballast.stderr.slice(at.stderr).filter((line) => unresponsive.test(line))).toHaveLength(1);
    expect(linesWith(ballast, `guest:${web10.domain} responds to libvirt again`)).toHaveLength(1);
    expect(linesWith(ballast, `guest:${web10.domain} `).filter((line) => line.includes(' - WARNING - '))).toHaveLength(
      2,
    );
    expect(await web10.alive()).toBe(true);
  });

  test('holds back requests for a paused guest until it resumes', async () => {
    await virsh('suspend', web1.domain);
    await ballast.waitForLine(
      new RegExp(`WARNING - Held back balloon_target \\d+ for guest:${web1.domain}: the guest is not running: paused$`),
    );
    const at = ballast.lineCount().stderr;
    await waitForMoves(ballast, keeper, 4);
    expect(targets(ballast, web1, at)).toEqual([]);
    await virsh('resume', web1.domain);
    await waitForMoves(ballast, web1);
  });

  test('sets a statistics period that is lost again, and says so', async () => {
    const at = ballast.lineCount();
    await virsh('dommemstat', web1.domain, '--period', '0', '--live');
    const again = new RegExp(`WARNING - guest:${web1.domain} had lost its statistics period of 1 s: set again$`);
    await ballast.waitForLine(again, 60_000, at);
    await waitForMoves(ballast, web1);
    expect(ballast.stderr.slice(at.stderr).filter((line) => again.test(line))).toHaveLength(1);
  });

  test('sets a statistics period again that only QEMU has lost', async () => {
    const balloon = async (execute: string, more: object): Promise<unknown> => {
      const path = '/machine/peripheral/balloon0';
      const call = { execute, arguments: { path, property: 'guest-stats-polling-interval', ...more } };
      return (JSON.parse(await virsh('qemu-monitor-command', web1.domain, JSON.stringify(call))) as { return: unknown })
        .return;
    };
    await balloon('qom-set', { value: 0 });
    await waitFor('the period in QEMU', 60_000, async () => (await balloon('qom-get', {})) === 1);
    await waitForMoves(ballast, web1);
  });

  test('reports refused writes to a read-only sysfs with file and reason, and still controls guests', async () => {
    const directory = join(host.path, 'sys/kernel/mm/ksm');
    await command('mount', ['--bind', directory, directory]);
    await command('mount', ['-o', 'remount,bind,ro', directory]);
    try {
      await ballast.waitForLine(
        /ERROR - KSM pages_to_scan from \d+ to \d+: refused: cannot write \S+\/sys\/kernel\/mm\/ksm\/pages_to_scan: read-only file system \(EROFS\): \/sys is mounted read-only, as it is in a container$/,
      );
      await waitForMoves(ballast, web1);
    } finally {
      await command('umount', [directory]);
    }
    await ballast.waitForLine(/INFO - KSM pages_to_scan from \d+ to \d+$/, 60_000, ballast.lineCount());
  });

  test('reports a full disk once, and resumes recording when there is space', async () => {
    const at = ballast.lineCount();
    const makeSpace = await fillDisk(disk);
    await ballast.waitForLine(
      /ERROR - Cannot record intervals: \S+\/run\.jsonl: the disk is full; the daemon continues, and keeps them in memory for now$/,
      60_000,
      at,
    );
    await waitForMoves(ballast, web1, 3);
    expect(ballast.stderr.slice(at.stderr).filter((line) => line.includes('Cannot record intervals'))).toHaveLength(1);
    await makeSpace();
    await ballast.waitForLine(/WARNING - Recording resumed to \S+\/run\.jsonl; nothing lost$/, 60_000, at);
  });

  test('logs a guest destroyed between decision and action, without an error', async () => {
    const at = ballast.lineCount();
    await writeFile(join(folder, 'destroy'), web10.domain);
    await ballast.waitForLine(new RegExp(`guest:${web10.domain} vanished$`), 60_000, at);
    await ballast.waitForLine(
      new RegExp(`INFO - Ballooning guest:${web10.domain} from \\d+ to \\d+: the guest is gone$`),
      60_000,
      at,
    );
    await waitForMoves(ballast, web1);
    expect(ballast.stderr.slice(at.stderr).filter((line) => line.includes(' - ERROR - '))).toEqual([]);
  });

  test('has reported persistent problems once', () => {
    const { domain } = driverless;
    expect(linesWith(ballast, `guest:${domain} has not reported any statistics`).length).toBeLessThanOrEqual(1);
    expect(linesWith(ballast, `guest:${domain} never reports statistics`)).toHaveLength(1);
    expect(linesWith(ballast, 'pages_to_scan: read-only file system')).toHaveLength(1);
  });

  test('exits within 5 s on SIGTERM, and restores KSM, balloons and statistics periods', async () => {
    // After its time limit, it would exit with another code.
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
    expect(linesWith(ballast, 'INFO - All initial values restored')).toHaveLength(1);
    await waitFor('the balloons to be back', 90_000, async () =>
      (await Promise.all([web1, keeper, quiet].map(actual))).every((kib) => kib === FULL_KIB),
    );
    expect(await ksm.settings()).toEqual(before);
    expect(await virsh('dumpxml', quiet.domain)).not.toMatch(/<stats period='[1-9]/);
    expect(await virsh('dumpxml', web1.domain)).toMatch(/<stats period='1'\/>/);
    expect(linesWith(ballast, ' at ').filter((line) => /^ +(?:\| )?at /.test(line))).toEqual([]);
  });

  test('has recordings from before and after the full disk that can be replayed', async () => {
    const recordings = (await command('find', [disk, '-name', 'run*.jsonl'])).trim().split('\n');
    expect(recordings).toHaveLength(2);
    for (const recording of recordings) {
      const replayed = await runBallast(['replay', '--quiet', recording, '--policy', join(folder, 'sway.policy')]);
      expect(replayed).toMatchObject({ code: 0, stderr: '' });
      expect(replayed.stdout).toContain(web1.domain);
    }
  });
});

test('controls guests on a kernel without KSM; when killed, leaves them running and a readable recording', async () => {
  const directory = join(host.path, 'sys/kernel/mm/ksm');
  await command('mount', ['-t', 'tmpfs', 'none', directory]);
  const recording = join(folder, 'killed.jsonl.gz');
  const policies = ['sway.policy', 'steer-ksm.policy'];
  const ballast = startBallast([
    'run',
    '--config',
    await configure('no-ksm', [`policy: [${policies.join(', ')}]`, `record: {path: ${recording}}`]),
  ]);
  try {
    await ballast.waitForLine(/WARNING - Held back ksm_run 1: .*kernel/);
    await waitForMoves(ballast, web1, 5);
    expect(linesWith(ballast, 'Held back ksm_run')).toHaveLength(1);
  } finally {
    await ballast.stop('SIGKILL');
    await command('umount', [directory]);
  }
  expect(await Promise.all([web1, keeper, quiet].map((guest) => guest.alive()))).toEqual([true, true, true]);
  const replayed = await runBallast([
    'replay',
    '--quiet',
    recording,
    ...policies.flatMap((name) => ['--policy', join(folder, name)]),
  ]);
  expect(replayed.code).toBe(0);
  expect(replayed.stderr.split('\n').at(-1)).toMatch(
    /^(?:warning: \S+: the file was not closed properly; read up to its last complete line)?$/,
  );
  expect(replayed.stdout).toContain(web1.domain);
});

test('exits within 5 s on SIGTERM while a QEMU is stopped, and reports what it could not restore', async () => {
  await Promise.all([web1, keeper, quiet].map((guest) => guest.setMemory(FULL_KIB)));
  await waitFor('the balloons to be empty', 60_000, async () =>
    (await Promise.all([web1, keeper, quiet].map(actual))).every((kib) => kib === FULL_KIB),
  );
  const ballast = startBallast([
    'run',
    '--config',
    await configure('stuck', ['policy: sway.policy', 'shutdown: restore']),
  ]);
  for (const guest of [web1, keeper, quiet]) await waitForMoves(ballast, guest);
  await keeper.sigstop();
  try {
    await ballast.waitForLine(new RegExp(`guest:${keeper.domain} does not respond to libvirt`));
    expect((await ballast.stop('SIGTERM')).code).toBe(0);
  } finally {
    await keeper.sigcont();
  }
  expect(linesWith(ballast, 'ERROR - 1 of ')).toHaveLength(1);
  await waitFor('the others to be back', 60_000, async () =>
    (await Promise.all([web1, quiet].map(actual))).every((kib) => kib === FULL_KIB),
  );
  expect(await keeper.alive()).toBe(true);
});

test('shrinks guests under real memory pressure on this host, and grows them afterwards', async () => {
  await Promise.all([web1, keeper, quiet].map((guest) => guest.setMemory(FULL_KIB)));
  await waitFor('the balloons to be empty', 60_000, async () =>
    (await Promise.all([web1, keeper, quiet].map(actual))).every((kib) => kib === FULL_KIB),
  );
  const free =
    Number(
      /host: free memory ([\d.]+) %/.exec(
        (
          await runBallast([
            'run',
            '--once',
            '--dry-run',
            '--policy',
            join(import.meta.dirname, '../../policies/first-look.policy'),
          ])
        ).stderr,
      )?.[1],
    ) / 100;
  expect(free).toBeGreaterThan(0.3);
  const total = Number(/^MemTotal:\s+(\d+)/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1]) / MIB;
  // The test allocates 20% of the free memory; the shortage begins when half of that is allocated.
  const policy = join(import.meta.dirname, '../../policies/mom-balloon.policy');
  const settings = [`policy: {files: ${policy}, parameters: {shortage_share: ${(free * 90).toFixed(2)}%}}`];
  const ballast = startBallast(['run', '--config', await configure('real', settings, { root: '/', history: 4 })]);
  await ballast.waitForLine(/Connected to/);
  const pressure = await RealPressure.hold(Math.floor(free * total * 0.2));
  try {
    await waitFor('web-1 to give', 90_000, async () => (await actual(web1)) < 480_000);
  } finally {
    await pressure.release();
  }
  await waitFor('web-1 to have its memory back', 90_000, async () => (await actual(web1)) === FULL_KIB);
  expect((await ballast.stop('SIGTERM')).code).toBe(0);
  expect(await web1.alive()).toBe(true);
});
