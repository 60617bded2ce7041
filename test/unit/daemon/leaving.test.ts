import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import { usualPlugins } from '../../../src/compose/plugins.ts';
import { defineGuard } from '../../../src/plugin/guard.ts';
import { ksmPath } from '../../../src/host/ksm.ts';
import { eventually } from '../../support/eventually.ts';
import type { FakeGuestOptions } from '../../support/fake-guest.ts';
import { runningDaemon, sharedHost, type SharedHost } from '../../support/running-daemon.ts';

const TO_MAXIMUM = '(with Guests vm (vm.Control "balloon_target" vm.balloon_max))';
const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const GIB = 1_048_576;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-leaving-'));
});
afterEach(() => rm(folder, { recursive: true }));

const hostOf = (...guests: readonly FakeGuestOptions[]): Promise<SharedHost> => sharedHost(folder, guests);
/** Whether there is a state file. */
const hasState = async ({ tree }: SharedHost) => {
  const names = await readdir(join(tree.root, 'run/ballast')).catch(() => []);
  return names.some((name) => name.startsWith('found-'));
};

/** The messages of the end. */
const lastOf = (messages: readonly string[]) =>
  messages.filter((message) => /^(Left|All|Nothing|\d+ of)/.test(message));

describe('restoring at exit', () => {
  it('goes through the guards: a guest that uses its memory is not shrunk, and the summary says so', async () => {
    const host = await hostOf(
      { name: 'own-min', maximumKib: 4 * GIB, currentKib: GIB / 2, usedKib: 300_000, balloonMin: '2GiB' },
      { name: 'busy', maximumKib: 4 * GIB, currentKib: GIB, usedKib: 300_000 },
      { name: 'idle', maximumKib: 4 * GIB, currentKib: GIB, usedKib: 300_000 },
    );
    const { fake, until, leave, messages } = await runningDaemon(host, TO_MAXIMUM, { shutdown: 'restore' });
    await until('all have grown', () => fake.all().every(({ currentKib }) => currentKib === 4 * GIB));
    Object.assign(fake.guest('busy'), { usedKib: 3_600_000, rssKib: 3_700_000 });
    await leave();
    expect(fake.all().map(({ targetKib }) => targetKib)).toEqual([4 * GIB, 4 * GIB, GIB]);
    expect(lastOf(messages())).toEqual([
      expect.stringMatching(
        /^Left balloon_target of guest:busy unrestored, wanted 1048576: not shrunk halfway: raised/,
      ),
      expect.stringMatching(
        /^Left balloon_target of guest:own-min unrestored, wanted 524288: .*the floor of this guest/,
      ),
      '2 of 3 initial values could not be restored; the lines before say why, and "ballast release" gives guests back what they lack',
    ]);
    expect(await hasState(host)).toBe(true);
  });

  it('grows guests back, with fresh figures, and also a guest that has not followed its last target', async () => {
    const host = await hostOf({ name: 'a' }, { name: 'deaf' });
    const { fake, until, leave, messages } = await runningDaemon(host, HALVE, { shutdown: 'restore' });
    await until('both targets are set', () => fake.all().every(({ targetKib }) => targetKib === GIB / 2));
    fake.guest('deaf').currentKib = GIB;
    await leave();
    expect(fake.all().map(({ targetKib }) => targetKib)).toEqual([GIB, GIB]);
    expect(lastOf(messages())).toEqual(['All initial values restored']);
    expect(await hasState(host)).toBe(false);
  });

  it('grows guests back at once, although they were shrunk a moment ago', async () => {
    const host = await hostOf({ name: 'a' });
    const { pluginSettings } = defaultConfig();
    const { fake, until, leave, messages } = await runningDaemon(host, HALVE, { shutdown: 'restore', pluginSettings });
    await until('a is shrunk', () => fake.guest('a').currentKib < 0.8 * GIB);
    await leave();
    expect(fake.guest('a').targetKib).toBe(GIB);
    expect(lastOf(messages())).toEqual(['All initial values restored']);
  });

  it('leaves guests that cannot be read, and says so', async () => {
    const host = await hostOf({ name: 'a' });
    const { fake, until, loseLibvirt, leave, messages } = await runningDaemon(host, HALVE, { shutdown: 'restore' });
    await until('a is halved', () => fake.guest('a').currentKib === GIB / 2);
    await loseLibvirt();
    await leave();
    expect(lastOf(messages())).toEqual([
      expect.stringMatching(
        /^Left balloon_target of guest:a unrestored, wanted 1048576: not in the last snapshot: not connected/,
      ),
      '1 of 1 initial values could not be restored; the lines before say why, and "ballast release" gives guests back what they lack',
    ]);
  });

  it('needs nothing for a guest that is gone', async () => {
    const host = await hostOf({ name: 'a' }, { name: 'b' });
    const { daemon, fake, until, leave, messages } = await runningDaemon(host, HALVE, { shutdown: 'restore' });
    await until('both are halved', () => fake.all().every(({ currentKib }) => currentKib === GIB / 2));
    fake.destroyGuest('a');
    const seen = daemon.counts.intervals;
    await until('it is seen', () => daemon.counts.intervals > seen + 1);
    await leave();
    expect(lastOf(messages())).toEqual(['All initial values restored']);
    expect(fake.guest('b').targetKib).toBe(GIB);
  });

  const noUnmerge = defineGuard({
    name: 'no-unmerge',
    doc: 'For this test.',
    beforePlan: (requests) =>
      new Map(
        requests
          .filter(({ name, value }) => name === 'ksm_run' && value === 2)
          .map((request) => [request, { kind: 'hold', why: 'unmerging does not fit' }]),
      ),
  });

  it.each([
    ['unmerges, and runs again', [], { run: '1', merge: '1' }, ['All initial values restored']],
    [
      'does not unmerge when a guard holds that back, and restores the rest',
      [noUnmerge],
      { run: '1', merge: '0' },
      [
        expect.stringMatching(
          /^Left ksm_merge_across_nodes unrestored, wanted 1: it needs an unmerge, which was held back: unmerging does not fit/,
        ),
        '1 of 2 initial values could not be restored; the lines before say why, and "ballast release" gives guests back what they lack',
      ],
    ],
  ])('KSM: %s', async (_what, guards, knobs, said) => {
    const host = await hostOf();
    const plugins = usualPlugins();
    const policy =
      '(if (== Host.ksm_pages_shared 0) { (Host.Control "ksm_merge_across_nodes" 0) (Host.Control "ksm_run" 0) } 0)';
    await host.tree.set(ksmPath('pages_shared'), '0\n');
    await host.tree.set(ksmPath('merge_across_nodes'), '1\n');
    await host.tree.set(ksmPath('run'), '1\n');
    const { until, leave, messages } = await runningDaemon(
      host,
      policy,
      { shutdown: 'restore' },
      { ...plugins, guards: [...guards, ...plugins.guards] },
    );
    const knob = async (file: string) => (await host.tree.get(ksmPath(file))).trim();
    await until(
      'both are written',
      async () => (await knob('merge_across_nodes')) === '0' && (await knob('run')) === '0',
    );
    await host.tree.set(ksmPath('pages_shared'), '500000\n');
    await leave();
    expect(lastOf(messages())).toEqual(said);
    expect({ run: await knob('run'), merge: await knob('merge_across_nodes') }).toEqual(knobs);
  });
});

describe('the state file', () => {
  it('stays while balloons are still on their way at the exit', async () => {
    const host = await hostOf({ name: 'a' });
    const first = await runningDaemon(host, HALVE, { shutdown: 'restore' });
    await first.until('a is halved', () => host.fake.guest('a').currentKib === GIB / 2);
    host.fake.balloonKibPerS = 20_480;
    await first.leave();
    expect(host.fake.guest('a')).toMatchObject({ targetKib: GIB });
    expect(host.fake.guest('a').currentKib).toBeLessThan(GIB);
    expect(await hasState(host)).toBe(true);
    const second = await runningDaemon(host, '1', { shutdown: 'leave' });
    await second.until('it has looked', () => second.daemon.counts.evaluations > 1);
    await second.leave();
    expect(second.messages()).toContainEqual(expect.stringContaining('an earlier Ballast found it at 1 GiB'));
  });

  it('lets a later daemon restore what an earlier one found, of KSM and of guests of the same run', async () => {
    const host = await hostOf({ name: 'a' }, { name: 'b' }, { name: 'small', currentKib: GIB / 2 });
    const { fake, tree } = host;
    const before = (await tree.get(ksmPath('smart_scan'))).trim();
    const policy = `(Host.Control "ksm_smart_scan" 0) ${HALVE}`;
    const first = await runningDaemon(host, policy, { shutdown: 'leave' });
    await first.until(
      'all is changed',
      async () => fake.guest('b').currentKib === GIB / 2 && (await tree.get(ksmPath('smart_scan'))).trim() === '0',
    );
    await first.leave();
    expect(first.messages().filter((message) => message.startsWith('Left'))).toEqual([
      'Left as it is: 3 guests are below their maximum: a (512 MiB of 1 GiB), b (512 MiB of 1 GiB), ' +
        `small (512 MiB of 1 GiB); ksm_smart_scan 0, was ${before}`,
    ]);
    // Another run of the guest, as after a reboot by libvirt.
    fake.guest('b').id = 99;
    fake.guest('b').currentKib = 700_000;
    const second = await runningDaemon(host, '1', { shutdown: 'restore' });
    await second.until('it has looked', () => second.daemon.counts.evaluations > 1);
    await second.leave();
    expect(second.messages()).toContainEqual(
      'Found at the start: 3 guests are below their maximum: a (512 MiB of 1 GiB, an earlier Ballast found it at 1 GiB), ' +
        'b (683.6 MiB of 1 GiB), small (512 MiB of 1 GiB)',
    );
    expect(lastOf(second.messages())).toEqual(['All initial values restored']);
    expect(fake.all().map(({ name, targetKib }) => [name, targetKib])).toEqual([
      ['a', GIB],
      ['b', expect.not.toSatisfy((kib) => kib === GIB)],
      ['small', GIB / 2],
    ]);
    expect((await tree.get(ksmPath('smart_scan'))).trim()).toBe(before);
    expect(await hasState(host)).toBe(false);
  });

  it('is removed at an exit with leave if nothing was changed', async () => {
    const host = await hostOf({ name: 'a' });
    const { daemon, until, leave } = await runningDaemon(host, '1');
    await until('it is written', async () => daemon.counts.intervals > 1 && (await hasState(host)));
    await leave();
    expect(await hasState(host)).toBe(false);
  });

  it('is not written in a dry run', async () => {
    const host = await hostOf({ name: 'a' });
    const { daemon, until, leave } = await runningDaemon(host, HALVE, { dryRun: true, shutdown: 'restore' });
    await until('some intervals', () => daemon.counts.intervals > 2);
    await leave();
    expect(await hasState(host)).toBe(false);
  });

  it('stops nothing when it cannot be written, and says so once', async () => {
    const host = await hostOf({ name: 'a' });
    await writeFile(join(folder, 'file'), '');
    const { daemon, fake, until, messages } = await runningDaemon(host, HALVE, { stateDir: join(folder, 'file') });
    await until('a is halved', () => fake.guest('a').currentKib === GIB / 2);
    await until('some intervals', () => daemon.counts.intervals > 5);
    expect(messages().filter((message) => message.includes('found at first'))).toEqual([
      expect.stringMatching(
        /^Cannot save what was found at first to \S+file\/found-\w+\.json: after a crash it cannot be restored: its path leads through a file$/,
      ),
    ]);
  });
});

describe('shutdown: release', () => {
  it('gives the guests their maximum, as far as the guards allow, and restores KSM', async () => {
    const host = await hostOf({ name: 'a', currentKib: GIB / 2 }, { name: 'paused', currentKib: GIB / 2 });
    const { fake, tree } = host;
    fake.guest('paused').state = 3;
    const before = (await tree.get(ksmPath('smart_scan'))).trim();
    const policy = '(Host.Control "ksm_smart_scan" 0)';
    const { until, leave, messages } = await runningDaemon(host, policy, { shutdown: 'release' });
    await until('KSM is changed', async () => (await tree.get(ksmPath('smart_scan'))).trim() === '0');
    await until('both were seen', () => messages().some((message) => message.startsWith('Found at the start')));
    await leave();
    expect(fake.all().map(({ targetKib }) => targetKib)).toEqual([GIB, GIB / 2]);
    expect((await tree.get(ksmPath('smart_scan'))).trim()).toBe(before);
    expect(lastOf(messages())).toEqual([
      'Left balloon_target of guest:paused unrestored, wanted 1048576: the guest is not running: paused',
      '1 of 3 values could not be given back; the lines before say why, and "ballast release" gives guests back what they lack',
    ]);
  });

  it('says what was left when libvirt cannot be reached', async () => {
    const host = await hostOf({ name: 'a' });
    const { fake, until, loseLibvirt, leave, messages } = await runningDaemon(host, HALVE, { shutdown: 'release' });
    await until('a is halved', () => fake.guest('a').currentKib === GIB / 2);
    await loseLibvirt();
    await leave();
    expect(lastOf(messages())).toEqual([
      'Left balloon_target of guest:a unrestored, wanted 1048576: not in the last snapshot: not connected to libvirt',
      'Left balloon_target unrestored, wanted "the maximum of each guest": the guests could not be read: not connected to libvirt',
      '2 of 2 values could not be given back; the lines before say why, and "ballast release" gives guests back what they lack',
    ]);
  });
});

describe('the stop file', () => {
  it('is looked at again before each single write', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const host = await hostOf(...names.map((name) => ({ name })));
    const stopFile = join(folder, 'stop');
    // As many as the controller makes at once.
    const releases = Array.from({ length: 4 }, () => host.fake.hold('DOMAIN_SET_MEMORY_FLAGS'));
    const { fake, until, messages } = await runningDaemon(host, HALVE, { stopFile });
    // The daemon does not sleep now, so that `until` would not look.
    await eventually(() => expect(fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(4));
    await writeFile(stopFile, '');
    for (const release of releases) release();
    await until(
      'the others are held',
      () => messages().filter((message) => message.includes(': held back before the write: ')).length === 3,
    );
    expect(fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(4);
    expect(messages()).toContain(
      `Ballooning guest:e from 1048576 to 524288: held back before the write: the stop file ${stopFile} is there`,
    );
  });

  it('stops the statistics periods, too', async () => {
    const host = await hostOf({ name: 'a', statsPeriodS: 0 });
    const stopFile = join(folder, 'stop');
    await writeFile(stopFile, '');
    const { daemon, fake, until, leave } = await runningDaemon(host, '1', { stopFile });
    await until('some intervals', () => daemon.counts.intervals > 3);
    expect(fake.guest('a').statsPeriodS).toBe(0);
    await unlink(stopFile);
    await until('it is set', () => fake.guest('a').statsPeriodS === 5);
    await writeFile(stopFile, '');
    await leave();
    expect(fake.guest('a').statsPeriodS).toBe(5);
  });

  it('stops all writes at once, also those at exit, and is logged when it appears and goes', async () => {
    const host = await hostOf({ name: 'a' });
    const { fake } = host;
    const stopFile = join(folder, 'stop');
    const { daemon, until, leave, messages } = await runningDaemon(host, HALVE, { stopFile, shutdown: 'restore' });
    await until('a is halved', () => fake.guest('a').currentKib === GIB / 2);
    await writeFile(stopFile, '');
    await until('it is seen', () => messages().some((message) => message.startsWith('STOPPED')));
    fake.guest('a').currentKib = GIB;
    await until('the decision is held', () =>
      messages().includes(`Held back balloon_target 524288 for guest:a: the stop file ${stopFile} is there`),
    );
    await unlink(stopFile);
    await until('a is halved again', () => fake.guest('a').currentKib === GIB / 2);
    await writeFile(stopFile, '');
    const seen = daemon.counts.intervals;
    await until('it is seen again', () => daemon.counts.intervals > seen + 1);
    await leave();
    expect(fake.guest('a').targetKib).toBe(GIB / 2);
    expect(messages().filter((message) => /stop/i.test(message) && !message.startsWith('Held'))).toEqual([
      `STOPPED: ${stopFile} is there: nothing is written until it is removed`,
      `No longer stopped: ${stopFile} is gone; Ballast writes again`,
      `STOPPED: ${stopFile} is there: nothing is written until it is removed`,
      `Nothing was restored: the stop file ${stopFile} is there; KSM and the balloons stay as they are`,
    ]);
    expect(await hasState(host)).toBe(true);
  });
});
