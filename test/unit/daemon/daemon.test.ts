import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usualPlugins } from '../../../src/compose/plugins.ts';
import { replayedParameters } from '../../../src/parameters/recorded.ts';
import { labellerOf } from '../../../src/config/guest-labels.ts';
import { defaultConfig } from '../../../src/compose/config.ts';
import type { Config } from '../../../src/config/model.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt/domain-xml.ts';
import { replay } from '../../../src/engine/replay.ts';
import type { ParamOverride } from '../../../src/model/parameter.ts';
import { openRecording } from '../../../src/recording/reader.ts';
import type { FakeGuestOptions } from '../../support/fake-guest.ts';
import { fixtureHost } from '../../support/kernel.ts';
import { programOf, runningDaemon, sharedHost } from '../../support/running-daemon.ts';

const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const COUNT = '(Host.SetVar "n" (+ 1 (if (null (Host.GetVar "n")) 0 (Host.GetVar "n"))))';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-daemon-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A daemon over a fake libvirtd and a copy of a kernel's files of its own. */
async function daemonOf(policy: string, guests: readonly FakeGuestOptions[], ...rest: ArgumentsAfterPolicy) {
  return runningDaemon(await sharedHost(folder, guests), policy, ...rest);
}

type ArgumentsAfterPolicy = Parameters<typeof runningDaemon> extends [unknown, unknown, ...infer Rest] ? Rest : never;

describe('Daemon', () => {
  it('controls the guests and records it, and the recording replays to the same decisions', async () => {
    const path = join(folder, 'r.jsonl.gz');
    const record = { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 1, keepMs: 1e12, keepBytes: 1e12 };
    const { config, fake, messages, until, leave } = await daemonOf(
      HALVE,
      [{ name: 'a', maximumKib: 2_097_152 }, { name: 'b' }],
      { record },
    );
    await until('both are halved', () =>
      fake.all().every(({ currentKib, maximumKib }) => currentKib === maximumKib / 2),
    );
    await leave();
    const logged = messages().filter((message) => message.startsWith('Ballooning'));
    expect(logged).toEqual(['Ballooning guest:a from 2097152 to 1048576', 'Ballooning guest:b from 1048576 to 524288']);
    const recording = await openRecording(path, {
      onCutOff: (message) => {
        throw new Error(message);
      },
    });
    const replayed: string[] = [];
    const options = {
      program: programOf(HALVE),
      planners: usualPlugins(),
      settings: config.pluginSettings,
      evaluate: {},
      labels: labellerOf([]),
      policyIntervalMs: null,
    };
    for await (const { judgement } of replay(recording, options))
      replayed.push(...(judgement?.plan.actions ?? []).map(({ message }) => message));
    expect(replayed).toEqual(logged);
  });

  it('keeps controlling KSM without libvirt, and controls the guests again after a reconnect', async () => {
    const policy = `(Host.Control "ksm_pages_to_scan" (+ 1 Host.ksm_pages_to_scan)) ${HALVE}`;
    const { fake, tree, until, loseLibvirt } = await daemonOf(policy, [{ name: 'a' }]);
    await until('a is halved', () => fake.guest('a').currentKib === 524_288);
    await loseLibvirt();
    // The file is empty for a moment during each write.
    const pagesToScan = async () => Number(await tree.get('/sys/kernel/mm/ksm/pages_to_scan'));
    let before = 0;
    await until('pages_to_scan is read', async () => (before = await pagesToScan()) > 0);
    await until('pages_to_scan rises again', async () => (await pagesToScan()) > before);
    fake.guest('a').currentKib = 1_048_576;
    await fake.start();
    await until('a is halved again', () => fake.guest('a').currentKib === 524_288);
  });

  it('applies a new configuration between intervals and keeps the variables', async () => {
    const { daemon, config, fake, until } = await daemonOf(`${COUNT} 1`, [{ name: 'a' }]);
    await until('some intervals', () => daemon.counts.evaluations > 3);
    daemon.reload({ config, program: programOf(`(if (> (Host.GetVar "n") 3) ${HALVE} 0)`) });
    await until('a is halved', () => fake.guest('a').currentKib === 524_288);
  });

  it('lets metadata say only what the config permits, names what was cut once, and follows a reload', async () => {
    const element = (min: string) =>
      `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="${min}"><b:label>protected</b:label></b:guest>`;
    const policy =
      '(with Guests g { (debug (g.Prop "name") g.balloon_min g.balloon_min_source (g.Prop "labels")) (g.Control "balloon_target" 0) })';
    const greedy = { name: 'greedy', metadata: element('64TiB'), maximumKib: 1_048_576, usedKib: 10_000 };
    const { daemon, config, fake, messages, until, leave } = await daemonOf(policy, [
      greedy,
      { name: 'modest', metadata: element('1MiB') },
    ]);
    await until('the cut minimum', () => messages().includes('greedy 524288 metadata '));
    await until('no more is taken', () => fake.guest('greedy').currentKib === 524_288);
    const warnings = () => messages().filter((message) => message.includes('metadata') && message.startsWith('guest:'));
    expect(warnings()).toEqual([
      'guest:greedy its metadata asks for a balloon_min of 68719476736, and guests.metadata.min_up_to permits 524288, 50 % of its maximum 1048576',
      'guest:greedy its metadata has labels that guests.metadata.labels does not permit: protected',
      'guest:modest its metadata has labels that guests.metadata.labels does not permit: protected',
    ]);
    const guestMetadata = { ...config.guestMetadata, minUpTo: 1, labels: ['*'] };
    daemon.reload({ config: { ...config, guestMetadata }, program: programOf(policy) });
    await until('all that it asks for', () => messages().includes('greedy 1048576 metadata protected'));
    await leave();
    expect(warnings()).toHaveLength(4);
  });

  it('follows and records the labels of guests, from the config and from their metadata', async () => {
    const path = join(folder, 'r.jsonl');
    const policy = '(with Guests g (debug (g.Prop "name") (g.Prop "labels")))';
    const own = `<b:guest xmlns:b="${METADATA_NAMESPACE}"><b:label>own</b:label></b:guest>`;
    const changes = {
      record: { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 1, keepMs: 1e12, keepBytes: 1e12 },
      guestLabels: [
        { match: 'db-*', labels: ['db'] },
        { match: '*', labels: ['all'] },
      ],
      guestMetadata: { minUpTo: 0.5, labels: ['o*'], ballooningOff: true, ovirt: true },
    };
    const { daemon, config, fake, messages, until, leave } = await daemonOf(
      policy,
      [{ name: 'db-1', metadata: own }, { name: 'web-1' }],
      changes,
    );
    await until('the first labels', () => messages().includes('db-1 all db own') && messages().includes('web-1 all'));
    daemon.reload({
      config: { ...config, guestLabels: [{ match: 'web-?', labels: ['web'] }] },
      program: programOf(policy),
    });
    await until(
      'the labels of the new config',
      () => messages().includes('db-1 own') && messages().includes('web-1 web'),
    );
    fake.setMetadata('db-1', METADATA_NAMESPACE, own.replace('own', 'other'));
    await until('the labels of the new metadata', () => messages().includes('db-1 other'));
    await leave();
    const recording = await openRecording(path, {
      onCutOff: (message) => {
        throw new Error(message);
      },
    });
    const seen = new Set<unknown>();
    for await (const { snapshot } of recording.intervals)
      for (const { props } of snapshot.guests) seen.add(props['labels']);
    expect([...seen].sort()).toEqual(['all', 'all db own', 'other', 'own', 'web']);
  });

  it('follows the parameters file without a reload, and keeps the last valid parameters', async () => {
    const file = join(folder, 'parameters.yaml');
    const policy = `(param share 50% :min 10% :max 90%)
      (with Guests g (g.Control "balloon_target" (* share g.balloon_max)))`;
    const path = join(folder, 'r.jsonl');
    const record = { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 1, keepMs: 1e12, keepBytes: 1e12 };
    const changes = {
      record,
      policy: { ...defaultConfig().policy, parametersFile: file },
      guestLabels: [{ match: 'b', labels: ['db'] }],
    };
    const { config, fake, messages, until, leave } = await daemonOf(policy, [{ name: 'a' }, { name: 'b' }], changes);
    const size = (name: string, share: number) =>
      Math.abs(fake.guest(name).currentKib - share * fake.guest(name).maximumKib) < 1024;
    const put = async (text: string) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await until('the default share', () => size('a', 0.5) && size('b', 0.5));
    await put('share: {value: 60%, labels: {db: 80%}}\n');
    await until('the shares of the file', () => size('a', 0.6) && size('b', 0.8));
    await put('share: {value: 60}\n');
    await until('the problem is logged', () =>
      messages().some((message) => message.includes('60 is outside the range: 10% to 90%; write 60%')),
    );
    await put('share: {value: 60%, guests: {"a*": 70%}}\n');
    await until('the share for a pattern', () => size('a', 0.7) && size('b', 0.6));
    await rm(file);
    await until('the default share again', () => size('a', 0.5) && size('b', 0.5));
    expect(messages().filter((message) => /^Parameter|parameters/.test(message))).toEqual([
      'Parameter share from 50% to 60%',
      'Parameter share for label db set to 80%',
      'The parameters file is invalid; the current parameters stay in effect:',
      `${file}:1:16: share: 60 is outside the range: 10% to 90%; write 60%`,
      'Parameter share for label db no longer set, was 80%',
      'Parameter share for guests a* set to 70%',
      'Parameter share from 60% to 50%',
      'Parameter share for guests a* no longer set, was 70%',
    ]);
    await leave();
    const recording = await openRecording(path, {
      onCutOff: (message) => {
        throw new Error(message);
      },
    });
    const program = programOf(policy);
    const parameters = replayedParameters(
      { context: { declared: program, otherPolicies: false }, chosen: [], config: [], file: null },
      (message) => {
        throw new Error(message);
      },
    );
    const replayed: string[] = [];
    const options = {
      program,
      planners: usualPlugins(),
      settings: config.pluginSettings,
      evaluate: {},
      labels: labellerOf([]),
      parameters,
      policyIntervalMs: null,
    };
    for await (const { judgement } of replay(recording, options))
      replayed.push(...(judgement?.plan.actions ?? []).map(({ message }) => message));
    expect(replayed).toEqual(messages().filter((message) => message.startsWith('Ballooning')));
  });

  it('gives values of the command line precedence', async () => {
    const chosen: ParamOverride[] = [{ name: 'share', target: { kind: 'all' }, given: '75%' }];
    const policy = '(param share 50%) (with Guests g (g.Control "balloon_target" (* share g.balloon_max)))';
    const { fake, until } = await daemonOf(policy, [{ name: 'a' }], {}, usualPlugins(), chosen);
    await until('the command line applies', () => fake.guest('a').currentKib === 0.75 * fake.guest('a').maximumKib);
  });

  it('keeps its intervals however often the configuration is reloaded', async () => {
    const { daemon, config, clock, until } = await daemonOf('1', [{ name: 'a' }], {
      collectIntervalMs: 60_000,
      policyIntervalMs: 60_000,
    });
    await until('it sleeps after the first interval', () => clock.lastSignal !== null);
    expect(daemon.counts.intervals).toBe(1);
    const sleeping = clock.lastSignal!;
    for (let n = 0; n < 5; n++) daemon.reload({ config, program: programOf('1') });
    expect(sleeping.aborted).toBe(false);
    daemon.reload({ config: { ...config, collectIntervalMs: 30, policyIntervalMs: 30 }, program: programOf('1') });
    expect(sleeping.aborted).toBe(true);
    await until('the new intervals', () => daemon.counts.intervals > 3);
  });

  it.each([
    ['the recording', ({ record }: Config) => ({ record: { ...record!, keep: 5 } })],
    ['an interval', () => ({ policyIntervalMs: 60 })],
  ])('keeps recording, with the history of the run, when a new configuration changes %s', async (_what, change) => {
    const path = join(folder, 'r.jsonl');
    const record = { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 9, keepMs: 1e12, keepBytes: 1e12 };
    const { daemon, config, until, leave } = await daemonOf('1', [{ name: 'a' }], { record });
    await until('some intervals', () => daemon.counts.intervals > config.history);
    const before = daemon.counts.intervals;
    const changed = { ...config, ...change(config) };
    daemon.reload({ config: changed, program: programOf('1') });
    await until('some more intervals', () => daemon.counts.intervals > before + 3);
    await leave();
    expect(await readdir(folder)).toContainEqual(expect.stringMatching(/^r\.\d+T\d+Z\.jsonl$/));
    const recording = await openRecording(path, {
      onCutOff: (message) => {
        throw new Error(message);
      },
    });
    expect(recording.header.policy_interval_ms).toBe(changed.policyIntervalMs);
    let context = 0;
    for await (const interval of recording.intervals) context += Number(interval.context);
    expect(context).toBe(config.history - 1);
  });

  it('changes nothing in a dry run and logs what it would do', async () => {
    const { fake, messages, until, leave } = await daemonOf(HALVE, [{ name: 'a', statsPeriodS: 0 }, { name: 'b' }], {
      dryRun: true,
    });
    await until('the action is logged', () => messages().includes('Ballooning guest:b from 1048576 to 524288'));
    await leave();
    expect(fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(0);
    expect(fake.callCount('DOMAIN_SET_MEMORY_STATS_PERIOD')).toBe(0);
  });

  it('frees what is reserved for a guest about to start', async () => {
    const [client, until] = ['a test', new Date(Date.now() + 3_600_000).toISOString()];
    const reservation = { name: 'new-guest', client, kib: 24 * 1_048_576, until };
    await writeFile(join(folder, 'reservations.json'), JSON.stringify({ reservations: [reservation] }));
    const guests = [{ name: 'idle', maximumKib: 8_388_608, usedKib: 500_000 }];
    const { fake, messages, until: waitUntil } = await daemonOf('0', guests, { runtimeDir: folder });
    await waitUntil('idle gives memory', () => fake.guest('idle').currentKib < 8_388_608);
    expect(messages()).toContainEqual(expect.stringContaining('Reserved: 24 GiB for new-guest (a test) until'));
  });

  it('restores everything on exit when configured to', async () => {
    const policy = `(Host.Control "ksm_smart_scan" 0) ${HALVE}`;
    const { fake, tree, until, leave } = await daemonOf(policy, [{ name: 'a' }], { shutdown: 'restore' });
    const before = (await fixtureHost('linux-6.18').readText('/sys/kernel/mm/ksm/smart_scan'))!;
    await until('a is halved', () => fake.guest('a').currentKib === 524_288);
    await until('the knob is set', async () => {
      return (await tree.get('/sys/kernel/mm/ksm/smart_scan')).trim() === '0';
    });
    await leave();
    expect(fake.guest('a').currentKib).toBe(1_048_576);
    expect((await tree.get('/sys/kernel/mm/ksm/smart_scan')).trim()).toBe(before.trim());
  });

  it('shuts down cleanly after a defect', async () => {
    const path = join(folder, 'r.jsonl.gz');
    const record = { path, rotateBytes: 1e9, rotateMs: 1e9, keep: 1, keepMs: 1e12, keepBytes: 1e12 };
    const plugins = usualPlugins();
    const ksm = plugins.controllers.find(({ name }) => name === 'ksm')!;
    let plans = 0;
    const failing = {
      ...ksm,
      plan(...args: Parameters<typeof ksm.plan>) {
        if (plans++ === 3) throw new TypeError('no plan');
        return ksm.plan(...args);
      },
    };
    const controllers = plugins.controllers.map((controller) => (controller === ksm ? failing : controller));
    const policy = `(Host.Control "ksm_pages_to_scan" 777) ${HALVE}`;
    const { fake, done } = await daemonOf(
      policy,
      [{ name: 'a', statsPeriodS: 0 }],
      { record, shutdown: 'restore' },
      { ...plugins, controllers },
    );
    await expect(done).rejects.toThrow('no plan');
    expect(fake.guest('a')).toMatchObject({ currentKib: 1_048_576, statsPeriodS: 0 });
    expect(fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(2);
    const recording = await openRecording(path, {
      onCutOff: (message) => {
        throw new Error(message);
      },
    });
    let evaluations = 0;
    for await (const interval of recording.intervals) evaluations += interval.policy === null ? 0 : 1;
    expect(evaluations).toBe(3);
  });

  it('keeps the intervals of the other guests while one hangs', async () => {
    const callTimeoutMs = 500;
    const { fake, messages, collectMs, until } = await daemonOf('1', [{ name: 'a' }, { name: 'b' }], {
      collectIntervalMs: 5,
      policyIntervalMs: 5,
      libvirt: { ...defaultConfig().libvirt, socket: join(folder, 'libvirt.sock'), callTimeoutMs },
    });
    await until('it runs', () => collectMs().length > 3);
    fake.stick('a');
    await until('the hang is logged', () =>
      messages().some((message) => message.includes('guest:a') && message.includes('not respond')),
    );
    const from = collectMs().length;
    await until('many intervals', () => collectMs().length >= from + 50);
    const heldUp = collectMs()
      .slice(from)
      .filter((ms) => ms >= callTimeoutMs);
    expect(heldUp.length).toBeLessThan(5);
    fake.unstick('a');
    await until('the recovery is logged', () => messages().some((message) => /guest:a .*again/.test(message)));
  });
});
