import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import type { Config } from '../../../src/config/model.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

async function ballast(...args: readonly string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(args);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-commands-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const POLICY = `(with Guests g
  (if (== (g.Prop "name") "left") nil
    (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half")))`;

async function daemonOf(changes: Partial<Config> = {}) {
  const host = await sharedHost(folder, [{ name: 'web-1' }, { name: 'left' }, { name: 'a b' }]);
  const running = await controlDaemon(folder, host, POLICY, changes);
  await running.until('two are halved', () => {
    return changes.dryRun || running.fake.all().filter(({ currentKib }) => currentKib === 524_288).length === 2;
  });
  const { intervals } = running.daemon.counts;
  await running.until('the sizes are read', () => running.daemon.counts.intervals > intervals + 1);
  const asked = (...args: readonly string[]) => ballast(...args, '--socket', join(folder, 'run'));
  return { ...running, asked };
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('the commands of a running daemon', () => {
  it('show its status in lines of at most 100 columns, and all of it as JSON', async () => {
    const { asked } = await daemonOf();
    const { code, stdout, stderr } = await asked('status');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ballast {3}0\.0\.0, process 1, since 20.*Z: ok$/m);
    expect(stdout).toMatch(/^guests {4}3 running, promised 3 GiB: 13 % of the host's memory$/m);
    expect(stdout).toMatch(/^ {10}3 with statistics, promised 3 GiB; 0 without, promised 0 KiB$/m);
    expect(stdout).toMatch(/^KSM {7}runs, saves 0 KiB, profit -5\.23 MiB, ksmd takes 0 % of a CPU$/m);
    expect(JSON.parse((await asked('status', '--json')).stdout)).toMatchObject({ health: 'ok', intervals: expect.any(Number) as number }); // prettier-ignore
  });

  it('say in the status that nothing is recorded, until it is again', async () => {
    const inTheWay = join(folder, 'recordings');
    await writeFile(inTheWay, '');
    const path = join(inTheWay, 'r.jsonl');
    const record = { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 1, keepMs: 1e12, keepBytes: 1e12 };
    const { asked, until } = await daemonOf({ record });
    expect(await asked('status')).toMatchObject({
      ...{ code: 1, stdout: expect.stringContaining(`problem   nothing is recorded: ${path}: `) as string },
    });
    await rm(inTheWay);
    await until('it is recorded', async () => (await asked('status')).code === 0);
  });

  it('say in the first line and the exit code of the status what is paused', async () => {
    const { asked } = await daemonOf();
    const status = async () => {
      const { code, stdout } = await asked('status');
      return `${code} ${/^ballast .*Z: (.*)$/m.exec(stdout)?.[1]}`;
    };
    await asked('pause', 'web-1');
    expect(await status()).toBe('0 ok; PAUSED: 1 guest');
    await asked('pause', 'ksm');
    expect(await status()).toBe('0 ok; PAUSED: KSM, 1 guest');
    await asked('pause', 'balloons');
    expect(await status()).toBe('1 PAUSED: KSM and all balloons');
    await asked('resume', 'ksm');
    expect(await status()).toBe('0 ok; PAUSED: all balloons');
    await asked('pause', 'all');
    expect(await status()).toBe('1 PAUSED: KSM and all balloons');
    expect((await asked('top', '--once')).stdout).toMatch(/^ballast 0\.0\.0: PAUSED: KSM and all balloons; interval/);
    expect(JSON.parse((await asked('status', '--json')).stdout)).toMatchObject({ health: 'paused', problems: [] });
  });

  it('name the stop file in the status of a dry run, which goes on to show what it would do', async () => {
    const { asked, until } = await daemonOf({ dryRun: true });
    const before = await asked('status');
    expect(before).toMatchObject({ code: 0, stdout: expect.stringMatching(/Z: ok; DRY RUN$/m) as string });
    await writeFile(join(folder, 'run/stop'), '');
    let status = before;
    await until('the file is seen', async () => {
      status = await asked('status');
      return status.code !== 0;
    });
    expect(status.stdout).toMatch(/Z: STOPPED; DRY RUN$/m);
    expect(status.stdout).toMatch(
      /^problem {3}the stop file \S+ is there: nothing would be written after the dry run either$/m,
    );
  });

  it('know that guests which cannot be read are not no guests', async () => {
    const { asked, loseLibvirt } = await daemonOf();
    await loseLibvirt();
    const status = await asked('status');
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/^guests {4}unknown while libvirt cannot be asked$/m);
    expect(status.stdout).not.toMatch(/\b0 running|\b0 with statistics/);
    expect(await asked('guests')).toEqual({ code: 1, stdout: 'unknown: not connected to libvirt\n', stderr: '' });
    expect((await asked('top', '--once')).stdout).toMatch(/^guests unknown: not connected to libvirt$/m);
    const unknown = { overcommit: { guests: null, promised_kib: null, with_statistics: null, current_kib: null } };
    expect(JSON.parse((await asked('status', '--json')).stdout)).toMatchObject({
      ...unknown,
      last_interval: { guests: null },
    });
  });

  it('list its guests', async () => {
    const { asked } = await daemonOf();
    const { stdout } = await asked('guests');
    expect(lines(stdout)).toEqual([
      'guest      size   wanted    floor    max  notes',
      String.raw`a\x20b  512 MiB  512 MiB  256 MiB  1 GiB`,
      'left      1 GiB        -  256 MiB  1 GiB',
      'web-1   512 MiB  512 MiB  256 MiB  1 GiB',
    ]);
  });

  it('say why a guest was changed or left alone', async () => {
    const { asked } = await daemonOf();
    const { code, stdout } = await asked('why', 'left');
    expect(code).toBe(0);
    expect(lines(stdout).slice(0, 2)).toEqual([
      expect.stringMatching(/^guest left, evaluation of 20.*Z, \S+ s ago$/),
      'Nothing was changed: no policy and no guard requested a change of guest left',
    ]);
    expect(stdout).toContain('why not balloon_target at test.policy:3:');
    expect((await asked('why')).stdout).toMatch(/^the host, evaluation of 20/);
    expect((await asked('why', 'lefd')).stderr).toBe('no guest lefd runs; did you mean left?\n');
    const old = await asked('why', 'left', '--at', '2001-01-01T00:00:00Z');
    expect(old.stdout).toMatch(
      /No evaluation at or before 2001-01-01T00:00:00Z is remembered: the daemon remembers those from 20/,
    );
    expect(await asked('why', 'left', '--at', 'noon')).toMatchObject({ code: 2, stderr: expect.stringContaining('"noon" is not a time') as string }); // prettier-ignore
  });

  it('pause and resume', async () => {
    const { asked } = await daemonOf();
    expect((await asked('pause')).stdout).toBe('nothing is paused\n');
    const paused = await asked('pause', 'web-1', '--for', '30min', '--reason', 'backup');
    expect(paused.stdout).toMatch(/^paused: guest web-1 until 20.*Z \(30 min left\), by ".*: ballast pause" through control\.sock since 20.*Z: backup\n$/); // prettier-ignore
    expect((await asked('pause', 'ksm')).stdout).toMatch(/^paused: KSM until "ballast resume ksm", by /m);
    expect((await asked('status')).stdout).toMatch(/^paused {4}guest web-1 until /m);
    expect((await asked('guests')).stdout).toMatch(/^web-1 .* paused$/m);
    expect((await asked('resume', 'ksm')).stdout).toMatch(/^resumed: KSM\npaused: guest web-1 until .*\n$/);
    expect((await asked('resume', '--guest', 'web-1')).stdout).toBe('resumed: guest web-1\nnothing is paused\n');
    expect(await asked('resume', 'ksm')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'KSM is not paused; nothing is\n',
    });
  });

  it('name the larger pause when a part of it is to be resumed', async () => {
    const { asked } = await daemonOf();
    await asked('pause', 'all');
    for (const [part, name] of [['web-1', 'guest web-1'], ['ksm', 'KSM']] as const)
      expect((await asked('resume', part)).stderr).toMatch(new RegExp(`^${name} is not paused on its own, but KSM and all balloons are paused until resumed, by`)); // prettier-ignore
  });

  it('say what was written last to a guest that is paused now', async () => {
    const { asked, fake } = await daemonOf();
    await asked('pause', 'web-1');
    expect(fake.guest('web-1').currentKib).toBe(524_288);
    expect((await asked('why', 'web-1')).stdout).toMatch(/^ {2}last write, 20.*Z: Ballooning guest:web-1 from 1 GiB to 512 MiB, requested at test\.policy:3:/m); // prettier-ignore
  });

  it.each([
    [['pause', 'web-1', '--for', '30'], '--for: 30 has no unit; write 30ms, 30s, 30min or 30h'],
    [['pause', 'web-1', '--for', '30', '--guest', 'x'], 'give web-1 or --guest x, not both'],
    [['pause', '--for', '30min'], 'say what to pause: all, ksm, balloons or a guest'],
    [['resume'], 'say what to resume: all, ksm, balloons or a guest'],
    [['reserve', 'x'], 'say how much to reserve for x, such as 4GiB; or --remove'],
    [['reserve', 'x', '4'], '4 has no unit'],
    [['reserve', 'x', '0'], 'there is nothing to reserve; --remove ends the reservation for x'],
    [['reserve', 'x', '0KiB'], 'there is nothing to reserve; --remove ends the reservation for x'],
    [['reserve', 'x', '400TiB'], '400TiB is more than a reservation can have, 64 TiB'],
    [
      ['pause', 'all', '--reason', 'Köln'],
      '--reason: expected 1 to 128 characters of ASCII, such as letters, digits and spaces',
    ],
    [['pause', 'all', '--reason', 'x'.repeat(129)], '--reason: expected 1 to 128 characters of ASCII'],
    [['why', 'ksm'], 'no guest ksm runs; "ballast why" without a name explains KSM'],
    [['resume', 'all'], 'all is not paused; nothing is'],
    [['why', 'web-1', '--at', '3.12'], '"3.12" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z or now'],
    [['why', 'web-1', '--at', '25:00'], '"25:00" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z or now'],
    [['why', 'web-1', '--at', '+5min'], '"+5min" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z or now'],
    [['timeline', '--from', '-10min'], '"-10min" is not a time; expected 03:12:40, 2026-01-02T03:12:40Z or now'],
    [
      ['timeline', '--from', 'now', '--to', '2026-01-02T03:12Z'],
      'the daemon remembers the writes of the last hour, and --to 2026-01-02T03:12Z was at 2026-01-02T03:12:00',
    ],
    [['reserve', 'x', '4GiB', '--remove'], '--remove takes a name and no size'],
    [['reserve', 'x', '--remove'], 'nothing is reserved for x'],
    [['reserve', 'x', '400GiB'], '400 GiB is more than the memory of the host, 23.5 GiB'],
    [['why', 'nobody'], 'no guest nobody runs; "ballast guests" lists those that run'],
  ])('refuse %j', async (args, message) => {
    const { asked } = await daemonOf();
    const { code, stdout, stderr } = await asked(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('reserve room and give it up', async () => {
    const { asked } = await daemonOf();
    expect((await asked('reserve', 'web-9', '4GiB', '--for', '5min')).stdout).toMatch(/^reserved: 4 GiB for web-9 until 20.*Z, by .*: ballast reserve\n$/); // prettier-ignore
    expect(JSON.parse((await asked('reserve', '--json')).stdout)).toMatchObject({ reservations: [{ name: 'web-9' }] });
    expect((await asked('reserve', 'web-9', '--remove')).stdout).toBe('nothing is reserved\n');
  });

  it('find the daemon by its config, and say what to do when none runs', async () => {
    await daemonOf();
    const config = join(folder, 'ballast.yaml');
    await writeFile(config, 'runtime_dir: run\n');
    expect((await ballast('status', '--config', config)).stdout).toMatch(/: ok$/m);
    await writeFile(config, 'runtime_dir: elsewhere\n');
    const isFile = await ballast('status', '--socket', config);
    expect(isFile.stderr).toMatch(
      /ballast\.yaml\/status\.sock: --socket takes a socket of the daemon or its directory/,
    );
    await writeFile(join(folder, 'no.sock'), '');
    expect((await ballast('status', '--socket', join(folder, 'no.sock'))).stderr).toMatch(/no\.sock is not a socket: --socket takes|no\.sock was left/); // prettier-ignore
    const { code, stderr } = await ballast('pause', 'all', '--config', config);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^no Ballast runs here: there is no socket .*elsewhere\/control\.sock\. "systemctl status ballast" says why, /,
    );
  });
});
