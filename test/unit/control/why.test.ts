import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlDaemon } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-why-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const POLICY = `(with Guests g
  (if (== (g.Prop "name") "left") nil
    (g.Control "balloon_target" (* 0.5 g.balloon_max) "to half")))`;

/** A guest that is shrunk to half, one that the policy leaves alone, one that is off. */
async function daemonOf() {
  const host = await sharedHost(folder, [{ name: 'shrunk' }, { name: 'left' }, { name: 'off' }]);
  const running = await controlDaemon(folder, host, POLICY, { ballooningOff: ['off'] });
  const { until, fake } = running;
  await until('it is shrunk', () => fake.guest('shrunk').currentKib === 524_288);
  const after = running.daemon.counts.evaluations + 2;
  await until('two more evaluations', () => running.daemon.counts.evaluations >= after);
  return running;
}

describe('why', () => {
  it('tells of a guest that was shrunk: what was written last, by whom, and what limited it', async () => {
    const { client } = await daemonOf();
    const { conclusion, facts, explanation } = await client.call('why', { query: { guest: 'shrunk' } });
    expect(conclusion).toMatch(/^The request for balloon_target 512 MiB changed nothing: /);
    expect(facts).toEqual([
      expect.stringMatching(
        /^last write, 20.*Z: Ballooning guest:shrunk from 1 GiB to 512 MiB, requested at test.policy:3:5, reason: to half$/,
      ),
    ]);
    expect(explanation).toContain('requests balloon_target = 0.5 * g.balloon_max');
    expect(explanation).not.toContain('recording');
  });

  it('tells of a guest that was left alone which condition of the policy was not met', async () => {
    const { client } = await daemonOf();
    const { conclusion, facts, explanation } = await client.call('why', { query: { guest: 'left' } });
    expect(conclusion).toBe('Nothing was changed: no policy and no guard requested a change of guest left');
    expect(facts).toEqual([
      expect.stringMatching(/^no write to it is remembered; writes are remembered from 20.*Z on$/),
    ]);
    expect(explanation).toContain('why not balloon_target at test.policy:3:');
  });

  it('tells of a guest that is held back which guard it is, since when and how often', async () => {
    const { client } = await daemonOf();
    const { conclusion, facts } = await client.call('why', { query: { guest: 'off' } });
    expect(conclusion).toMatch(/^The request for balloon_target 512 MiB was held back by the guard balloon-limits: /);
    expect(facts.join('\n')).toMatch(
      /^\d+ times since 20.*Z: the request for balloon_target 512 MiB was held back by/m,
    );
    const { guests } = await client.call('guests');
    expect(guests.find(({ name }) => name === 'off')).toMatchObject({
      wanted_kib: 524_288,
      held: [{ control: 'balloon_target', guard: 'balloon-limits' }],
      flags: expect.arrayContaining(['ballooning-off: config']) as unknown,
    });
  });

  it('tells of a paused guest who paused it, until when, and writes nothing to it', async () => {
    const { client, fake, until, daemon } = await daemonOf();
    const end = '2099-01-01T00:00:00.000Z';
    const body = { what: 'guest', guest: 'shrunk', until: end, reason: 'backup' } as const;
    await client.call('pause', { body });
    const shrunk = fake.guest('shrunk');
    fake.setBalloonTarget(fake.guest('shrunk'), 1_048_576);
    const { evaluations } = daemon.counts;
    await until('three evaluations', () => daemon.counts.evaluations > evaluations + 2);
    expect(fake.guest('shrunk').currentKib).toBe(1_048_576);
    const { conclusion, facts } = await client.call('why', { query: { guest: shrunk.uuid } });
    expect(conclusion).toMatch(
      /^Nothing is written to guest shrunk: the balloon of guest:shrunk is paused until 2099-01-01T00:00:00.000Z, by "test" through control.sock since 20.*Z \(backup\)$/,
    );
    expect(facts.join('\n')).toMatch(
      /^\d+ times since .*: the request for balloon_target 512 MiB was held back: the balloon of/m,
    );
    await client.call('resume', { body: { what: 'guest', guest: 'shrunk' } });
    await until('it is shrunk again', () => fake.guest('shrunk').currentKib === 524_288);
  });

  it('knows what it does not know', async () => {
    const { client } = await daemonOf();
    const before = await client.call('why', { query: { guest: 'left', at: '2001-01-01T00:00:00Z' } });
    expect(before).toMatchObject({ time: null, explanation: null });
    expect(before.conclusion).toMatch(
      /^No evaluation at or before 20.*Z is remembered: the daemon remembers those from 20.* to 20/,
    );
    await expect(client.call('why', { query: { guest: 'lefd' } })).rejects.toThrow(
      'no guest lefd runs; did you mean left?',
    );
  });

  it('says that the stop file is there', async () => {
    const { client, until, config, messages } = await daemonOf();
    await writeFile(join(config.runtimeDir!, 'stop'), '');
    await until('it is seen', () => messages().some((message) => message.startsWith('STOPPED')));
    const { conclusion } = await client.call('why', { query: { guest: 'left' } });
    expect(conclusion).toMatch(/^Nothing is written to guest left: the stop file .*stop is there$/);
    expect(await client.call('status')).toMatchObject({ health: 'stopped' });
  });
});

it('a guest that is named like the UUID of another one is not shown, paused or released in its place', async () => {
  const host = await sharedHost(folder, [{ name: 'victim' }]);
  const uuid = host.fake.guest('victim').uuid;
  const { client, until, daemon } = await controlDaemon(folder, host, POLICY);
  host.fake.addGuest({ name: uuid });
  await until('both are seen', () => daemon.counts.intervals > 0);
  const seen = (await client.call('guests')).guests.map(({ name }) => name);
  expect(seen).toContain('victim');
  expect(await client.call('why', { query: { guest: uuid } })).toMatchObject({ guest: { name: 'victim' } });
  expect(await client.call('pause', { body: { what: 'guest', guest: uuid } })).toMatchObject({
    pauses: [{ guest: { name: 'victim' } }],
  });
  const { decisions } = await client.call('decisions', { query: { guest: uuid } });
  expect(decisions.filter(({ guest }) => guest?.uuid !== uuid)).toEqual([]);
});
