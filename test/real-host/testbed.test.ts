import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cheapPausedGuests, Guest, HostRoot, ksm, libvirtd, RealPressure, virsh, waitFor } from './support/index.ts';

// Tests the test bed itself, which the other real-host tests rely on, not Ballast.

describe('three guests', () => {
  let guests: Guest[];
  let first: Guest;

  beforeAll(async () => {
    guests = await Guest.startAll(['one', 'two', 'three'].map((name) => ({ name, memoryMib: 256 })));
    first = guests[0] as Guest;
  });

  test('reply concurrently', async () => {
    expect(await Promise.all(guests.map((guest) => guest.alive()))).toEqual([true, true, true]);
    expect(await first.uptime()).toBeGreaterThan(0);
    expect((await first.meminfo()).get('MemTotal')).toBeGreaterThan(200 * 1024);
  });

  test('show their memory demand in libvirt’s statistics', async () => {
    const unused = async (): Promise<number> => (await first.memoryStats()).get('unused') ?? Number.NaN;
    const idle = await waitFor('the first statistics', 60_000, async () => (await unused()) || null);
    await first.fill(96);
    expect(await first.heldMib()).toBe(96);
    await waitFor('unused to fall by 90 MiB', 60_000, async () => (await unused()) < idle - 90 * 1024);
    await first.free();
    await waitFor('unused to rise again', 60_000, async () => (await unused()) > idle - 10 * 1024);
  });

  test('change size with their balloon target', async () => {
    await first.setMemory(200 * 1024);
    await waitFor('actual to fall', 60_000, async () => (await first.memoryStats()).get('actual') === 200 * 1024);
    await first.setMemory(256 * 1024);
    await waitFor('actual to rise', 60_000, async () => (await first.memoryStats()).get('actual') === 256 * 1024);
  });

  test('have pages that KSM merges', async () => {
    const before = await ksm.settings();
    await Promise.all(guests.map((guest) => guest.fill(96, 'same')));
    await ksm.write('pages_to_scan', 20_000);
    await ksm.write('run', 1);
    await waitFor('more than 10,000 merged pages', 150_000, async () => (await ksm.read('pages_sharing')) > 10_000);
    await ksm.restore({ ...before, run: '2' });
    expect(await ksm.read('pages_sharing')).toBe(0);
    await ksm.restore(before);
    expect(await ksm.settings()).toEqual(before);
    await Promise.all(guests.map((guest) => guest.free()));
  });

  test('do not reply while stopped, but the others do', async () => {
    await first.sigstop();
    expect(await first.alive(2000)).toBe(false);
    expect(await guests[1]?.alive()).toBe(true);
    await first.sigcont();
    expect(await first.alive()).toBe(true);
  });

  test('survive a restart and a crash of libvirtd', async () => {
    const pid = await first.pid();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await libvirtd.stop(signal);
      expect(await libvirtd.pid()).toBeNull();
      await expect(virsh('list')).rejects.toThrow('failed to connect');
      await libvirtd.start();
      expect((await virsh('list', '--name')).split('\n')).toHaveLength(3);
    }
    expect(await first.pid()).toBe(pid);
    expect(await first.alive()).toBe(true);
  });

  test('stay usable after their OOM killer ran', async () => {
    await expect(first.fill(512)).rejects.toThrow('out of memory');
    expect(await first.consoleLog()).toContain('Out of memory: Killed process');
    expect(await first.alive()).toBe(true);
    await first.fill(32);
    expect(await first.heldMib()).toBe(32);
  });

  test('report a kernel panic', async () => {
    const panicking = guests[2] as Guest;
    // The balloon takes nearly all memory. The idle guest keeps running until a process needs memory.
    await panicking.setMemory(8 * 1024);
    await waitFor(
      'the balloon to take the guest’s memory',
      60_000,
      async () => ((await panicking.memoryStats()).get('usable') ?? Infinity) < 8 * 1024,
    );
    expect(await panicking.panicked()).toBe(false);
    const fill = panicking.fill(64);
    fill.catch(() => {});
    await waitFor('a panic', 120_000, () => panicking.panicked());
    await expect(fill).rejects.toThrow('Kernel panic');
    expect(await panicking.alive(2000)).toBe(false);
  });

  test('have a guest agent that replies', async () => {
    // After a restart, libvirtd needs some time to reconnect to the agents.
    const ping = (): Promise<string | null> =>
      virsh('qemu-agent-command', first.domain, '{"execute":"guest-ping"}').catch(() => null);
    expect(await waitFor('the agent to be connected', 60_000, ping)).toBe('{"return":{}}');
    await expect(virsh('qemu-agent-command', first.domain, '{"execute":"guest-nonsense"}')).rejects.toThrow(
      'does not know this command',
    );
  });
});

test('a guest without a balloon driver has the device, but no driver statistics', async () => {
  const [guest] = await Guest.startAll([{ name: 'no-driver', memoryMib: 128, balloonDriver: false }]);
  expect((await guest?.command('modules'))?.filter((name) => name === 'virtio_balloon')).toEqual([]);
  await guest?.setMemory(96 * 1024);
  const stats = await guest?.memoryStats();
  expect(stats?.get('actual')).toBe(128 * 1024);
  expect(stats?.has('unused')).toBe(false);
});

test('statistics period, metadata, maximum memory and extra XML are set as requested', async () => {
  const guest = await Guest.start({
    name: 'options',
    memoryMib: 128,
    maxMib: 192,
    statsPeriodS: 0,
    metadata: '<b:mark xmlns:b="urn:ballast-test" value="7"/>',
    extra: '<memtune><soft_limit unit="MiB">512</soft_limit></memtune>',
  });
  await guest.waitBooted();
  const xml = await virsh('dumpxml', guest.domain);
  expect(xml).toContain('value="7"');
  expect(xml).not.toContain('<stats period');
  expect(xml).toContain("<soft_limit unit='KiB'>524288</soft_limit>");
  await waitFor(
    'the balloon to take 64 MiB',
    60_000,
    async () => (await guest.memoryStats()).get('actual') === 128 * 1024,
  );
});

test('paused guests are cheap', async () => {
  const names = await cheapPausedGuests(8);
  expect((await virsh('list', '--name', '--state-paused')).split('\n').sort()).toEqual([...names].sort());
});

test('a host root shows this host, with the free memory set by the test', async () => {
  const root = await HostRoot.create();
  const meminfo = (): Promise<string> => readFile(join(root.path, 'proc/meminfo'), 'utf8');
  const fields = async (): Promise<string[]> => [...(await meminfo()).matchAll(/^\S+:/gm)].map((match) => match[0]);
  const all = await fields();
  await root.setFree(0.05);
  const total = Number(/^MemTotal:\s+(\d+) kB$/m.exec(await meminfo())?.[1]);
  expect(Number(/^MemFree:\s+(\d+) kB$/m.exec(await meminfo())?.[1])).toBe(Math.round(total * 0.05));
  await root.setFree(1);
  expect(await fields()).toEqual(all);
  expect(await readFile(join(root.path, 'proc/self/comm'), 'utf8')).toBe(await readFile('/proc/self/comm', 'utf8'));
  expect(await readFile(join(root.path, 'sys/kernel/mm/ksm/run'), 'utf8')).toBe(`${await ksm.readText('run')}\n`);
  expect(await readFile(join(root.path, 'run/libvirtd.pid'), 'utf8')).toContain(String(await libvirtd.pid()));
  await root.close();
});

// Not the memory of the machine: other processes take and release theirs meanwhile.
test('real pressure allocates memory and releases it', async () => {
  const pressure = await RealPressure.hold(1024);
  const status = await readFile(`/proc/${pressure.pid}/status`, 'utf8');
  expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])).toBeGreaterThan(1024 * 1024);
  await pressure.release();
  await expect(readFile(`/proc/${pressure.pid}/status`)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(RealPressure.hold(10_000_000)).rejects.toThrow('more than half');
});
