import { mkdtemp, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCounters } from './density/pain.ts';
import { bedPaths, Guest, GuestRefused, HostRoot, start, waitFor, type RunningProcess } from './support/index.ts';
import { BALLAST } from '../support/ballast.ts';

// How fast guests that were made small get memory that they need at once, with the shipped policy and the default configuration.
// `BALLAST_BURST_CHECKOUT` measures another, built checkout.

const FULL_MIB = 768;
const SMALL_KIB = 256 * 1024;
const BURST_MIB = 304;

/** A burst that has not succeeded by then is given up. */
const LIMIT_MS = 150_000;

const checkout = process.env['BALLAST_BURST_CHECKOUT'] ?? fileURLToPath(new URL('../..', import.meta.url));
const command = process.env['BALLAST_BURST_CHECKOUT'] === undefined ? BALLAST : join(checkout, 'bin/ballast');
const policy = join(checkout, 'policies/mom-balloon.policy');

let host: HostRoot;
let folder: string;

beforeAll(async () => {
  host = await HostRoot.create();
  folder = await mkdtemp(join(bedPaths().temporary, 'burst-'));
});

afterAll(async () => {
  await host?.close();
});

async function startDaemon(collect: string, evaluate: string): Promise<RunningProcess> {
  const config = join(folder, 'burst.yaml');
  const lines = [
    `collect_interval: ${collect}`,
    `policy_interval: ${evaluate}`,
    `host_root: ${host.path}`,
    'controllers: [balloon]',
    'log: {format: mom}',
    `policy: ${policy}`,
  ];
  await writeFile(config, lines.map((line) => `${line}\n`).join(''));
  const ballast = start(command, ['run', '--config', config]);
  await ballast.waitForLine(/Connected to qemu:\/\/\/system/);
  return ballast;
}

async function oomKills(guest: Guest): Promise<number> {
  return parseCounters(await guest.command('counters')).oomKills;
}

/** Takes the memory again and again until the guest has it. Resolves to the milliseconds that took; null: {@link LIMIT_MS} were too few. */
async function take(guest: Guest, mib: number): Promise<number | null> {
  const sinceMs = performance.now();
  for (;;) {
    try {
      await guest.fill(mib, 'zero');
      return performance.now() - sinceMs;
    } catch (error) {
      if (!(error instanceof GuestRefused)) throw error;
      if (performance.now() - sinceMs > LIMIT_MS) return null;
    }
  }
}

function report(what: string, ms: number | null, kills: number, ballast: RunningProcess, guest: Guest): void {
  const time = ms === null ? `not within ${LIMIT_MS / 1000} s` : `${(ms / 1000).toFixed(1)} s`;
  console.log(`${what}: ${time}, ${kills} OOM kills`);
  for (const line of ballast.stderr.filter((text) => text.includes(`guest:${guest.domain} `)).slice(-6))
    console.log(`  ${line}`);
}

const KINDS = [
  { what: 'plain', swap: false, autodeflate: false },
  { what: 'swap', swap: true, autodeflate: false },
  { what: 'autodeflate', swap: false, autodeflate: true },
  { what: 'swap and autodeflate', swap: true, autodeflate: true },
] as const;

describe.each([
  ['5s', '10s'],
  ['1s', '2s'],
])('a burst, with statistics each %s and decisions each %s', (collect, evaluate) => {
  let ballast: RunningProcess;
  const guests = new Map<string, Guest>();
  /** What the same takes a guest that has all of its memory, milliseconds. */
  const alone = new Map<string, number>();

  beforeAll(async () => {
    const options = await Promise.all(
      KINDS.map(async ({ what, swap, autodeflate }) => {
        const name = `${what.replaceAll(' ', '-')}-${evaluate}`;
        const swapFile = join(folder, `${name}.swap`);
        if (swap) {
          await writeFile(swapFile, '');
          await truncate(swapFile, 512 * 1024 * 1024);
        }
        return { name, memoryMib: FULL_MIB, statsPeriodS: 1, autodeflate, ...(swap && { swapFile }) };
      }),
    );
    const started = await Guest.startAll(options);
    for (const [index, { what, swap }] of KINDS.entries()) {
      const guest = started[index]!;
      guests.set(what, guest);
      if (swap) await guest.command('swap');
      alone.set(what, (await take(guest, BURST_MIB))!);
      await guest.free();
    }
  });

  afterAll(async () => {
    for (const guest of guests.values()) await guest.destroy();
  });

  test.each(KINDS)('$what', { timeout: 400_000 }, async ({ what, swap, autodeflate }) => {
    const guest = guests.get(what)!;
    await guest.setMemory(SMALL_KIB);
    await waitFor('the balloon', 60_000, async () => (await guest.memoryStats()).get('actual') === SMALL_KIB);
    await host.setFree(0.1);
    ballast = await startDaemon(collect, evaluate);
    // The daemon knows the guest, and has found nothing to do.
    await waitFor('a fresh report', 60_000, async () => {
      const stats = await guest.memoryStats();
      return (stats.get('unused') ?? SMALL_KIB) < SMALL_KIB;
    });
    const before = await oomKills(guest);
    await host.setFree(0.5);
    const ms = await take(guest, BURST_MIB);
    const kills = (await oomKills(guest)) - before;
    const usualMs = alone.get(what)!;
    const title = `A burst of ${BURST_MIB} MiB, ${collect}/${evaluate}, ${what} (with all memory: ${(usualMs / 1000).toFixed(1)} s)`;
    report(title, ms, kills, ballast, guest);
    await guest.free();
    await ballast.stop('SIGTERM');
    // Times are printed, and do not decide: emulated guests on a busy machine take as long as they like.
    expect(ms).not.toBeNull();
    if (swap || autodeflate) expect(kills).toBe(0);
  });
});

test('a guest that grows by 10 MiB/s beside an idle one', { timeout: 400_000 }, async () => {
  const [grower, idle] = (await Guest.startAll([
    { name: 'grower', memoryMib: FULL_MIB, statsPeriodS: 1 },
    { name: 'idle', memoryMib: FULL_MIB, statsPeriodS: 1 },
  ])) as [Guest, Guest];
  for (const guest of [grower, idle]) {
    await guest.setMemory(SMALL_KIB);
    await waitFor('the balloon', 60_000, async () => (await guest.memoryStats()).get('actual') === SMALL_KIB);
  }
  await host.setFree(0.1);
  const ballast = await startDaemon('5s', '10s');
  const before = await oomKills(grower);
  const sinceMs = performance.now();
  let firstKillMs: number | null = null;
  for (let mib = 8; mib <= 400; mib += 8) {
    const dueMs = sinceMs + mib * 100;
    await waitFor('the next step', 60_000, () => performance.now() >= dueMs);
    await grower.fill(mib, 'zero').catch(async (error: unknown) => {
      if (!(error instanceof GuestRefused)) throw error;
      firstKillMs ??= performance.now() - sinceMs;
    });
  }
  const kills = (await oomKills(grower)) - before;
  report(`Growth by 10 MiB/s to 400 MiB, first kill after ${firstKillMs ?? 'no'} ms`, performance.now() - sinceMs, kills, ballast, grower); // prettier-ignore
  await ballast.stop('SIGTERM');
  expect(kills).toBe(0);
});
