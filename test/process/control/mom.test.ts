import { spawn } from 'node:child_process';
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/compose/config.ts';
import { addressText, type ListenAddress } from '../../../src/support/listen-address.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { freePort } from '../../support/free-port.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const CLIENT = new URL('../../support/mom-client.py', import.meta.url).pathname;
const POLICY = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const OTHER = '(with Guests g (g.Control "balloon_target" (* 0.75 g.balloon_max)))\r\n# "é" < & ]]>';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-mom-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

type Answer = { readonly result: unknown } | { readonly fault: readonly [number, string] };

/** What Python's xmlrpc.client gets for these calls. */
async function python(address: string, calls: readonly (readonly [verb: string, ...params: unknown[]])[]) {
  const child = spawn('python3', [CLIENT, address], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(calls.map(([verb, ...params]) => [verb, params])));
  return JSON.parse(await text(child.stdout)) as Answer[];
}

async function momDaemon(kind: ListenAddress['kind'], policy = POLICY) {
  const host = await sharedHost(folder, [{ name: 'a' }, { name: 'b <&>' }]);
  const momRpc: ListenAddress =
    kind === 'unix' ? { kind, path: join(folder, 'mom.sock') } : { kind, host: '127.0.0.1', port: await freePort() };
  const running = await controlDaemon(folder, host, policy, {
    control: { ...defaultConfig().control, momRpc },
    policy: { ...defaultConfig().policy, files: ['test.policy'] },
  });
  await running.until('both are halved', () => host.fake.all().every(({ currentKib }) => currentKib === 524_288));
  await running.until('it listens', () => running.messages().some((line) => line.startsWith("MOM's verbs are at ")));
  return { ...running, address: addressText(momRpc) };
}

describe.each(['unix', 'tcp'] as const)("MOM's client over %s", (kind) => {
  it('gets from each verb what MOM gives', async () => {
    const { address, commands, messages } = await momDaemon(kind);
    const [ping, statistics, guests, before, set, after, wrong, named, all, reset, methods, verbosity, level] =
      await python(address, [
        ['ping'],
        ['getStatistics'],
        ['getActiveGuests'],
        ['getPolicy'],
        ['setPolicy', OTHER],
        ['getPolicy'],
        ['setPolicy', '(defvar'],
        ['setNamedPolicy', '01-parameters', '(defvar share 1)'],
        ['getNamedPolicies'],
        ['resetPolicies'],
        ['system.listMethods'],
        ['setVerbosity', 'debug'],
        ['setVerbosity', '1'],
      ]);
    expect(ping).toEqual({ result: true });
    expect(statistics).toEqual({
      result: {
        host: expect.objectContaining({ mem_available: expect.any(Number), mem_free: expect.any(Number) }),
        guests: {
          a: expect.objectContaining({ balloon_cur: 524_288, balloon_max: 1_048_576 }),
          'b <&>': expect.objectContaining({ balloon_cur: 524_288 }),
        },
      },
    });
    expect(guests).toEqual({ result: ['a', 'b <&>'] });
    expect([verbosity, level, set, wrong, named]).toEqual(
      [true, true, true, false, true].map((result) => ({ result })),
    );
    expect(commands.logLevel).toBe('error');
    expect(before).toEqual({ result: POLICY });
    expect(after).toEqual({ result: OTHER });
    // What was wrong has not replaced it.
    expect(all).toEqual({ result: { '01-parameters': '(defvar share 1)', '50_main_': OTHER } });
    // The config of this daemon cannot be read again.
    expect(reset).toEqual({ result: false });
    expect((methods as { readonly result: string[] }).result).toEqual(
      expect.arrayContaining(['getNamedPolicies', 'ping', 'resetPolicies', 'setVerbosity']),
    );
    expect(messages()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^Policies set: 50_main_, asked for by "Python-xmlrpc\/.*(?:mom\.sock|127\.0\.0\.1:\d+)$/,
        ),
        expect.stringMatching(/^Policy refused, set by "Python-xmlrpc/),
        expect.stringMatching(/^50_main_:1:/),
      ]),
    );
  });

  it('gets a fault in plain words', async () => {
    const { address } = await momDaemon(kind);
    const faults = await python(address, [
      ['setPolicies', 'x'],
      ['setPolicy'],
      ['setPolicy', 5],
      ['setPolicy', ['(x)']],
      ['setPolicy', 'x'.repeat(262_145)],
      ['setNamedPolicy', 'a\nb', '1'],
      ['setVerbosity', 'loud'],
      ['ping', 1],
      ['setNamedPolicy', 'x', { policy: 1 }],
    ]);
    expect(faults.map((each) => ('fault' in each ? each.fault : each))).toEqual([
      [1, expect.stringMatching(/^there is no verb setPolicies; there are ping, setPolicy, /)],
      [1, 'setPolicy(policy) got 0 parameters'],
      [1, expect.stringContaining('the policy is wrong: files.0.text: ')],
      [1, "not a call of MOM's verbs: MOM's verbs take texts and numbers, not <array>"],
      [1, expect.stringContaining('the policy is wrong: files.0.text: ')],
      [1, expect.stringContaining('expected 1 to 128 printable ASCII characters')],
      [1, expect.stringMatching(/^there is no verbosity loud; there are 5, /)],
      [1, 'ping() got 1 parameters'],
      [1, "not a call of MOM's verbs: MOM's verbs take texts and numbers, not <struct>"],
    ]);
  });
});

it('the unix socket is for the same users as control.sock; nil removes a named policy, as for MOM', async () => {
  const { address, client, server } = await momDaemon('unix');
  const path = address.slice('unix:'.length);
  expect((await lstat(path)).mode & 0o777).toBe(0o660);
  const [added, first, removed, absent, last, names, only] = await python(address, [
    ['setNamedPolicy', '10-first', '(+ 1 1)'],
    ['setNamedPolicy', '50_main_', '(+ 2 2)'],
    ['setNamedPolicy', '10-first', null],
    ['setNamedPolicy', 'none', null],
    ['getPolicy'],
    ['getNamedPolicies'],
    ['setNamedPolicy', '50_main_', null],
  ]);
  expect([added, first, removed, absent]).toEqual(Array.from({ length: 4 }, () => ({ result: true })));
  expect(last).toEqual({ result: '(+ 2 2)' });
  expect(names).toEqual({ result: { '50_main_': '(+ 2 2)' } });
  expect(only).toEqual({ fault: [1, expect.stringContaining('test.policy is the only policy')] });
  expect(await client.call('policy')).toMatchObject({ files: [{ text: '(+ 2 2)' }] });
  await server?.close();
  await expect(lstat(path)).rejects.toThrow('ENOENT');
});

it('serves them without the other sockets, and without a port that another program has', async () => {
  const host = await sharedHost(folder, [{ name: 'a' }]);
  const momRpc: ListenAddress = { kind: 'unix', path: join(folder, 'mom.sock') };
  const control = { ...defaultConfig().control, enabled: false, momRpc };
  const first = await controlDaemon(folder, host, POLICY, { control });
  expect(await python(addressText(momRpc), [['ping']])).toEqual([{ result: true }]);
  await expect(lstat(first.sockets.status)).rejects.toThrow('ENOENT');
  const second = await controlDaemon(join(folder, 'other'), host, POLICY, { control });
  await second.until('it says so', () =>
    second
      .messages()
      .some((line) => line.startsWith('No verbs of MOM: ') && line.includes('belongs to another process')),
  );
  expect(await python(addressText(momRpc), [['ping']])).toEqual([{ result: true }]);
});
