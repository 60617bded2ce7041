import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { lockHost } from '../../../src/cli/support/locks.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import { loadHostSetup } from '../../../src/compose/setup.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import type { FakeGuestOptions } from '../../support/fake-guest.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const GIB = 1_048_576;
const HALF = { currentKib: GIB / 2 };
const NOTHING = '(+ 1 1)';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-release-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

async function daemonOf(guests: readonly FakeGuestOptions[], ...[policy = NOTHING, changes]: [string?, object?]) {
  const host = await sharedHost(folder, guests);
  const running = await controlDaemon(folder, host, policy, changes);
  await running.until('an interval', () => running.daemon.counts.intervals >= 2);
  const release = (...args: readonly string[]) => run('--socket', running.sockets.control, ...args);
  const targets = () => host.fake.all().map(({ targetKib }) => targetKib);
  return { ...running, release, targets };
}

async function run(...args: readonly string[]) {
  const io = capturedIo();
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  const code = await buildProgram(io, signals)(['release', ...args]);
  return { code, lines: io.stdout.text.split('\n').filter(Boolean), stderr: io.stderr.text };
}

describe('ballast release, while a daemon runs', () => {
  it('waits for no cool-down', async () => {
    const policy = '(with Guests g (if (== g.balloon_cur g.balloon_max) (g.Control "balloon_target" 524288) 0))';
    const { pluginSettings } = defaultConfig();
    const rhythm = { ...pluginSettings['rhythm'], largest_step: 1, host_step: 1, boot_grace: 0 };
    const { release, until, fake } = await daemonOf([{ name: 'a' }], policy, {
      pluginSettings: { ...pluginSettings, rhythm },
    });
    await until('a is shrunk', () => fake.guest('a').currentKib < GIB);
    expect((await release('a')).lines[0]).toMatch(/^a: target set to 1 GiB, from /);
  });

  it('is recorded with the next interval, also when nothing was due in it', async () => {
    const { release, client, until, daemon } = await daemonOf([{ name: 'a', ...HALF }], NOTHING, {
      policyIntervalMs: 3_600_000,
    });
    const path = join(folder, 'run/r.jsonl');
    await client.call('startRecording', { body: { path } });
    await release('a');
    const { intervals } = daemon.counts;
    await until('two more intervals', () => daemon.counts.intervals >= intervals + 2);
    await client.call('stopRecording');
    const io = capturedIo();
    const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
    expect(await buildProgram(io, signals)(['timeline', path])).toBe(0);
    expect(io.stdout.text).toMatch(/ a .*512 MiB.*1 GiB.*released, asked for by/);
    expect(io.stdout.text.trimEnd().split('\n')).toHaveLength(1);
  });

  it('has the daemon give guests their maximum, and logs who asked', async () => {
    const { release, targets, messages, client } = await daemonOf([{ name: 'a', ...HALF }, { name: 'b' }, { name: 'c', ...HALF }]); // prettier-ignore
    expect(await release('a', 'b')).toEqual({
      code: 0,
      lines: ['a: target set to 1 GiB, from 512 MiB', '2 guests, all set to their maximum'],
      stderr: 'the daemon goes on: what its policies ask for later holds; "ballast pause GUEST" prevents that\n',
    });
    expect(targets()).toEqual([GIB, GIB, GIB / 2]);
    expect(messages()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Ballooning guest:a from 524288 to 1048576/),
        expect.stringMatching(
          /^Release of a, b: all are set to their maximum, asked for by ".*: ballast release" through/,
        ),
      ]),
    );
    expect((await client.call('decisions', { query: { guest: 'a' } })).decisions).toMatchObject([
      {
        from: GIB / 2,
        to: GIB,
        status: 'done',
        asked_by: 'Ballast',
        reason: expect.stringMatching(/^released, asked for by ".*: ballast release" through control.sock$/),
      },
    ]);
    const { conclusion, facts } = await client.call('why', { query: { guest: 'a' } });
    expect([conclusion, ...facts].join('\n')).toMatch(
      /Ballooning guest:a from 512 MiB to 1 GiB, requested by Ballast, reason: released, asked for by /,
    );
    expect(await release()).toMatchObject({
      code: 0,
      lines: [expect.stringMatching(/^c: /), expect.stringMatching(/^3 guests, all/)],
    });
    expect(await release('--json')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is held back by the guards, a pause and the stop file, as all writes are', async () => {
    const { release, targets, client, fake, until, daemon } = await daemonOf(
      [
        { name: 'a', ...HALF },
        { name: 'b', ...HALF },
        { name: 'off', ...HALF },
      ],
      NOTHING,
      { ballooningOff: ['off'] },
    );
    fake.guest('a').state = 3;
    await client.call('pause', { body: { what: 'guest', guest: 'b' } });
    const seen = daemon.counts.intervals;
    await until('another interval', () => daemon.counts.intervals >= seen + 2);
    expect(await release()).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^a: stays at 512 MiB of 1 GiB: the guest is not running: paused/),
        expect.stringMatching(/^off: stays at 512 MiB of 1 GiB: ballooning of this guest is off/),
        expect.stringMatching(/^b: stays at 512 MiB of 1 GiB: the balloon of guest:b is paused until resumed/),
        '3 of 3 guests not set to the maximum',
      ],
      stderr: '',
    });
    await client.call('resume', { body: { what: 'guest', guest: 'b' } });
    await writeFile(join(folder, 'run', 'stop'), '');
    expect((await release('b')).lines[0]).toMatch(/^b: stays at 512 MiB of 1 GiB: the stop file .* is there/);
    expect(targets()).toEqual([GIB / 2, GIB / 2, GIB / 2]);
  });

  it('changes nothing in a dry run, of the command or of the daemon', async () => {
    const { release, targets, messages } = await daemonOf([{ name: 'a', ...HALF }]);
    const lines = ['a: would get 1 GiB, from 512 MiB', '1 guest, would be set to its maximum'];
    expect(await release('--dry-run')).toEqual({ code: 0, lines, stderr: '' });
    expect(targets()).toEqual([GIB / 2]);
    expect(messages().filter((line) => line.startsWith('Release'))).toEqual([]);
  });

  it('names a guest that does not run', async () => {
    const { release, targets } = await daemonOf([{ name: 'web-1', ...HALF }]);
    expect(await release('web-1', 'web-11')).toEqual({
      code: 2,
      lines: [],
      stderr: 'no guest web-11 runs; did you mean web-1?\n',
    });
    expect(targets()).toEqual([GIB / 2]);
  });

  it('is found by its config, and says what is wrong', async () => {
    const { fake, tree, until, client, targets } = await daemonOf([{ name: 'a', ...HALF }]);
    const file = join(folder, 'ballast.yaml');
    await writeFile(file, `libvirt: {socket: ${fake.socketPath}}\nhost_root: ${tree.root}\nruntime_dir: run\n`);
    const lock = await lockHost((await loadHostSetup(file)).config, undefined, 'ballast run');
    onTestFinished(() => lock.release());
    expect(await run('--config', file, 'x')).toMatchObject({
      code: 2,
      stderr: 'no guest x runs; "ballast guests" lists those that run\n',
    });
    expect(await run('--config', file)).toMatchObject({ code: 0, lines: [expect.stringMatching(/^a: target set/), '1 guest, set to its maximum'] }); // prettier-ignore
    expect(targets()).toEqual([GIB]);
    await fake.stop();
    await until('it cannot read the guests', async () => (await client.call('statistics')).guests.length === 0);
    expect(await run('--config', file)).toEqual({ code: 2, lines: [], stderr: expect.stringMatching(/^nothing was given back: /) }); // prettier-ignore
  });

  it('waits a second for a guest that hangs, sets the others, and the intervals go on', async () => {
    const { release, fake, daemon, until } = await daemonOf([
      { name: 'a', ...HALF },
      { name: 'b', ...HALF },
    ]);
    fake.delay('DOMAIN_SET_MEMORY_FLAGS', 10_000);
    expect(await release()).toMatchObject({
      code: 1,
      lines: [
        // Either call may arrive first, on its own connection.
        expect.stringMatching(/^[ab]: target set to 1 GiB/),
        expect.stringMatching(/^[ab]: stays at 512 MiB of 1 GiB: no answer within /),
        '1 of 2 guests not set to the maximum',
      ],
    });
    const before = daemon.counts.intervals;
    await until('more intervals', () => daemon.counts.intervals > before + 2);
  });

  it('comes between intervals, each of which is on its grid, and the policy decides on', async () => {
    const { release, fake, until, daemon } = await daemonOf(
      [{ name: 'a' }],
      '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))',
    );
    await until('it is halved', () => fake.guest('a').currentKib === GIB / 2);
    const before = daemon.counts.intervals;
    await Promise.all(Array.from({ length: 5 }, () => release('a')));
    await until(
      'it is halved again',
      () => daemon.counts.intervals > before + 3 && fake.guest('a').currentKib === GIB / 2,
    );
  });
});
