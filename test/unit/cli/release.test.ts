import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { lockHost } from '../../../src/cli/support/locks.ts';
import { loadHostSetup } from '../../../src/compose/setup.ts';
import { capturedIo } from '../../support/captured-io.ts';
import type { FakeGuestOptions } from '../../support/fake-guest.ts';
import { sharedHost, type SharedHost } from '../../support/running-daemon.ts';

const GIB = 1_048_576;
const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-release-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function hostOf(guests: readonly FakeGuestOptions[], lines: readonly string[] = []) {
  const host = await sharedHost(folder, guests);
  await writeFile(join(folder, 'broken.policy'), '(this is no policy');
  await writeFile(
    join(folder, 'ballast.yaml'),
    [
      `libvirt: {socket: ${host.fake.socketPath}, stats_period: 1s}`,
      `host_root: ${host.tree.root}`,
      'policy: broken.policy',
      ...lines,
      '',
    ].join('\n'),
  );
  return host;
}

async function release(...args: readonly string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(['release', '--config', join(folder, 'ballast.yaml'), ...args]);
  return { code, lines: io.stdout.text.split('\n').filter(Boolean), stderr: io.stderr.text };
}

const targets = ({ fake }: SharedHost) => fake.all().map(({ targetKib }) => targetKib);
const HALF = { currentKib: GIB / 2 };

describe('ballast release', () => {
  it('gives all guests their maximum, whatever the policies are, and gives up its lock', async () => {
    const host = await hostOf([{ name: 'a', ...HALF }, { name: 'b' }, { name: 'c', ...HALF }]);
    expect(await release()).toEqual({
      code: 0,
      lines: [
        'a: target set to 1 GiB, from 512 MiB',
        'c: target set to 1 GiB, from 512 MiB',
        '3 guests, all set to their maximum',
      ],
      stderr: '',
    });
    expect(targets(host)).toEqual([GIB, GIB, GIB]);
    expect(await readdir(join(host.tree.root, 'run/ballast'))).toEqual([]);
  });

  it('gives back to the guests that are named, by name or UUID, and leaves the others', async () => {
    const host = await hostOf(['web-1', 'b', 'c'].map((name) => ({ name, ...HALF })));
    expect(await release('b', host.fake.guest('c').uuid)).toMatchObject({ code: 0, stderr: '' });
    expect(host.fake.guest('web-1').targetKib).toBe(GIB / 2);
    expect([host.fake.guest('b').targetKib, host.fake.guest('c').targetKib]).toEqual([GIB, GIB]);
    expect(await release('mail', 'web-11')).toEqual({
      code: 2,
      lines: [],
      stderr: 'no guest mail runs; "virsh list" has those that run\nno guest web-11 runs; did you mean web-1?\n',
    });
  });

  it('goes through the guards and says what it left', async () => {
    const host = await hostOf(
      [
        { name: 'a', ...HALF },
        { name: 'off', ...HALF },
      ],
      ['guests: {ballooning_off: off}'],
    );
    host.fake.guest('a').state = 3;
    expect(await release()).toEqual({
      code: 1,
      lines: [
        'a: stays at 512 MiB of 1 GiB: the guest is not running: paused',
        expect.stringMatching(/^off: stays at 512 MiB of 1 GiB: ballooning of this guest is off/),
        '2 of 2 guests not set to the maximum',
      ],
      stderr: '',
    });
    expect(targets(host)).toEqual([GIB / 2, GIB / 2]);
  });

  it('changes nothing in a dry run', async () => {
    const host = await hostOf([{ name: 'a', ...HALF }]);
    expect(await release('--dry-run')).toEqual({
      code: 0,
      lines: ['a: would get 1 GiB, from 512 MiB', '1 guest, would be set to its maximum'],
      stderr: '',
    });
    expect(targets(host)).toEqual([GIB / 2]);
    expect(await readdir(join(host.tree.root, 'run')).catch(() => [])).not.toContain('ballast');
  });

  it('waits for the first report of a guest whose statistics period is 0, and resets it', async () => {
    const host = await hostOf([{ name: 'a', ...HALF, statsPeriodS: 0 }]);
    const { code, stderr } = await release();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^a: .*period set to 1 s.*\nwaiting for the statistics of guests/),
    });
    expect(host.fake.guest('a')).toMatchObject({ targetKib: GIB, statsPeriodS: 0 });
  });

  it('refuses while the stop file is there, and without libvirt', async () => {
    const host = await hostOf([{ name: 'a', ...HALF }]);
    await host.tree.set('/run/ballast/stop', '');
    expect(await release()).toMatchObject({
      code: 1,
      stderr: `nothing was given back: the stop file ${host.tree.root}/run/ballast/stop is there\n`,
    });
    expect(targets(host)).toEqual([GIB / 2]);
    await rm(join(host.tree.root, 'run/ballast/stop'));
    await host.fake.stop();
    expect(await release()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^nothing was given back: cannot connect to libvirt/),
    });
  });

  it('refuses while a daemon without sockets runs, and says what to do', async () => {
    const host = await hostOf([{ name: 'a', ...HALF }]);
    const { config } = await loadHostSetup(join(folder, 'ballast.yaml'));
    const lock = await lockHost(config, undefined, 'ballast run');
    onTestFinished(() => lock.release());
    expect(await release()).toEqual({
      code: 2,
      lines: [],
      stderr:
        `ballast run (process ${process.pid}) already writes to this host and has no control socket; it would take the memory back. ` +
        'Stop it first; with "shutdown: release" it then gives back by itself\n',
    });
    expect(targets(host)).toEqual([GIB / 2]);
  });
});
