import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';
import type { FakeGuestOptions } from '../../support/fake-guest.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-doctor-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function hostOf(guests: readonly FakeGuestOptions[], swapKib: number) {
  const host = await sharedHost(folder, guests);
  await host.tree.set('/sys/kernel/mm/ksm/run', '1\n');
  await host.tree.set('/proc/meminfo', `MemTotal: 16777216 kB\nSwapTotal: ${swapKib} kB\n`);
  await writeFile(
    join(folder, 'ballast.yaml'),
    `libvirt: {socket: ${host.fake.socketPath}, stats_period: 1s}\nhost_root: ${host.tree.root}\n`,
  );
  return host;
}

async function doctor(...args: readonly string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(['doctor', '--config', join(folder, 'ballast.yaml'), ...args]);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly check: string; readonly guests?: readonly string[] }[];
}

describe('ballast doctor', () => {
  it('reports hindrances with their cure, and exits with 1', async () => {
    const host = await hostOf([{ name: 'web 1' }], 0);
    await host.tree.set('/run/libvirt/qemu/web 1.pid', '8986');
    await host.tree.set('/sys/fs/cgroup/memory/machine/memory.limit_in_bytes', '1048576');
    await host.tree.set('/proc/8986/cgroup', '3:memory:/machine');
    const { code, stdout, stderr } = await doctor();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^hindrance: the host has no swap \[swap\]\n {2}why {5}Guests can.*\n {2}do {6}fallocate/);
    expect(stdout).toContain('guests  web\\x201\n');
    expect(stdout).toMatch(/\n\d+ checks: 2 hindrances, \d pieces of advice\n$/);
    expect(stdout).toContain(
      'the control group /machine may use 1 MiB, less than the 1024 MiB of its guest [memory-groups]',
    );
    // It leaves no trace.
    expect(await readdir(join(host.tree.root, 'run')).catch(() => [])).not.toContain('ballast');
  });

  it('reads all guests, many as they are, and changes none', async () => {
    const guests = Array.from({ length: 250 }, (_, at) => ({ name: `g-${at}`, statsPeriodS: 0 }));
    const { fake } = await hostOf(guests, 1024);
    const { stdout } = await doctor('--json');
    const { findings } = JSON.parse(stdout) as Report;
    expect(findings.find(({ check }) => check === 'guest-period')?.guests).toHaveLength(250);
    expect(fake.all().every(({ statsPeriodS }) => statsPeriodS === 0)).toBe(true);
    expect((await doctor()).stdout).toMatch(/guests {2}g-0, g-1, .* and 240 more\n/);
  });

  it('exits with 2 when nothing was found and libvirt cannot be reached', async () => {
    const { fake } = await hostOf([], 1024);
    await fake.stop();
    const { code, stdout } = await doctor('--json');
    const { counts, findings } = JSON.parse(stdout) as Report;
    expect({ code, hindrances: counts['hindrance'] }).toEqual({ code: 2, hindrances: 0 });
    expect(findings.map(({ check }) => check)).toContain('libvirt');
  });

  it('exits with 0 on a host without a hindrance', async () => {
    await hostOf([], 1024);
    expect(await doctor()).toMatchObject({ code: 0, stdout: expect.stringMatching(/checks: no hindrance, /) });
  });

  it('exits with 2 for a config that is wrong', async () => {
    await writeFile(join(folder, 'ballast.yaml'), 'collect_interval: fast\n');
    expect(await doctor()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('collect_interval') });
  });
});
