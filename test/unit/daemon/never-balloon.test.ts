import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { METADATA_NAMESPACE, OVIRT_NAMESPACE } from '../../../src/libvirt/domain-metadata.ts';
import { programOf, runningDaemon, sharedHost } from '../../support/running-daemon.ts';

const HALVE = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const FULL = 1_048_576;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-never-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Daemon = Awaited<ReturnType<typeof runningDaemon>>;
const reload = ({ daemon, config }: Daemon, changes: Partial<Daemon['config']>) =>
  daemon.reload({ config: { ...config, ...changes }, program: programOf(HALVE) });

/** The ways to take one guest out of ballooning while the daemon runs. */
const WAYS: readonly (readonly [string, (running: Daemon) => void])[] = [
  ['a name pattern in the config', (running) => reload(running, { ballooningOff: ['never-*'] })],
  [
    'a label in the config',
    (running) => reload(running, { guestLabels: [{ match: 'never-*', labels: ['no-ballooning'] }] }),
  ],
  [
    "Ballast's metadata element",
    ({ fake }) =>
      fake.setMetadata('never-1', METADATA_NAMESPACE, `<b:guest xmlns:b="${METADATA_NAMESPACE}" ballooning="off"/>`),
  ],
  [
    "oVirt's metadata element",
    ({ fake }) =>
      fake.setMetadata(
        'never-1',
        OVIRT_NAMESPACE,
        `<o:vm xmlns:o="${OVIRT_NAMESPACE}"><o:ballooningEnabled type="bool">false</o:ballooningEnabled></o:vm>`,
      ),
  ],
];

it.each(WAYS)('leaves a guest alone from the next interval on: %s', async (_way, switchOff) => {
  const running = await runningDaemon(await sharedHost(folder, [{ name: 'never-1' }, { name: 'other' }]), HALVE);
  const { daemon, fake, until, messages } = running;
  await until('both are halved', () => fake.all().every(({ currentKib }) => currentKib === FULL / 2));
  const halved = daemon.counts.intervals;
  await until('it is seen', () => daemon.counts.intervals > halved + 1);
  // Between two intervals: the daemon has just begun to sleep.
  switchOff(running);
  for (const guest of fake.all()) guest.currentKib = FULL;
  const seen = daemon.counts.evaluations;
  await until('the other is halved again', () => fake.guest('other').currentKib === FULL / 2);
  expect(daemon.counts.evaluations).toBe(seen + 1);
  expect(
    messages().filter((message) => message.includes('guest:never-1: ballooning of this guest is off')),
  ).toHaveLength(1);
  await until('some intervals', () => daemon.counts.evaluations > seen + 3);
  expect(fake.guest('never-1').currentKib).toBe(FULL);
});
