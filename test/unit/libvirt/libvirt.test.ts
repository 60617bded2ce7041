import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/host/system-clock.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt/domain-xml.ts';
import { RETRY_MS } from '../../../src/libvirt/libvirt.ts';
import { HypervisorError } from '../../../src/ports/hypervisor.ts';
import { guestDomain } from '../../support/builders.ts';
import type { FakeGuest } from '../../support/fake-guest.ts';
import { Setup } from '../../support/hypervisor-setup.ts';

/** This limit only ends a test that hangs. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 30_000);

const never = new AbortController().signal;
let setup: Setup;

async function begin(...args: Parameters<typeof Setup.of>): Promise<Setup> {
  setup = await Setup.of(...args);
  return setup;
}

afterEach(() => setup.close());

/** A clock whose sleeps end when the test decides. */
function heldClock() {
  const waits: number[] = [];
  let wake = (): void => undefined;
  let latest = never;
  let asleep = Promise.resolve();
  const sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    waits.push(ms);
    latest = signal;
    asleep = new Promise((resolve) => {
      wake = resolve;
    });
    return asleep;
  };
  const end = async () => {
    const ended = asleep;
    wake();
    await ended;
  };
  return { clock: { ...systemClock, sleep }, waits, signal: () => latest, end };
}

const guests = (count: number, rest: object = {}): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `guest-${i + 1}`, ...rest }));

describe('a reading', () => {
  test('combines the statistics, the domain XML and the process of each guest', async () => {
    await begin(
      {
        now: () => 1_700_000_000_500,
        guests: [
          {
            name: 'web',
            maximumKib: 1_048_576,
            currentKib: 524_288,
            usedKib: 200_000,
            minGuarantee: { value: '256', unit: 'MiB' },
          },
          { name: 'db', balloonMin: '512MiB' },
          { name: 'off', state: 5 },
          { name: 'quiet', state: 3, statsPeriodS: 0 },
        ],
      },
      { statsPeriodS: 0 },
    );
    setup.fake.guest('web').figures = { oom_kill: 3, usable: undefined };
    setup.files.set('/run/libvirt/qemu/web.pid', '4711\n');
    await setup.connected();
    const { guests: read, problems } = await setup.read();
    expect(problems).toEqual([]);
    expect(read.map(({ name }) => name).sort()).toEqual(['db', 'quiet', 'web']);
    expect(read.find(({ name }) => name === 'web')).toEqual({
      name: 'web',
      uuid: setup.fake.guest('web').uuid,
      id: 1,
      pid: 4711,
      state: 'running',
      answer: 'fresh',
      startTicks: null,
      minGuaranteeKib: 262_144,
      metadata: null,
      ovirt: null,
      domain: guestDomain({ currentKib: 524_288 }),
      initialKib: 524_288,
      job: 'none',
      missing: null,
      balloon: {
        currentKib: 524_288,
        maximumKib: 1_048_576,
        swapInKib: 0,
        swapOutKib: 0,
        majorFaults: 120,
        minorFaults: 45_000,
        unusedKib: 282_345,
        availableKib: 482_345,
        rssKib: 524_288,
        diskCachesKib: 20_000,
        hugetlbPagesAllocated: 0,
        hugetlbPagesFailed: 0,
        lastUpdateS: 1_700_000_000,
        other: { oom_kill: 3 },
      },
    });
    expect(read.find(({ name }) => name === 'db')).toMatchObject({
      metadata: { balloonMinKib: 524_288 },
      minGuaranteeKib: null,
      pid: null,
    });
    expect(read.find(({ name }) => name === 'quiet')).toMatchObject({
      state: 'paused',
      answer: 'fresh',
      balloon: { lastUpdateS: 0 },
    });
  });

  test('reads 1000 guests in chunks, and the XML only once', async () => {
    await begin({ guests: guests(1000) }, { chunkSize: 100 });
    await setup.connected();
    expect((await setup.read()).guests).toHaveLength(1000);
    expect(setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS')).toBe(10);
    expect((await setup.read()).guests.every(({ answer }) => answer === 'fresh')).toBe(true);
    expect(setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS')).toBe(20);
    expect(setup.fake.callCount('DOMAIN_GET_XML_DESC')).toBe(1000);
    expect(setup.fake.connections).toBe(2);
  });

  test('is aborted by its signal', async () => {
    await begin({ guests: guests(1) });
    await setup.connected();
    setup.fake.delay('CONNECT_LIST_ALL_DOMAINS', 60_000);
    await expect(setup.hypervisor.readGuests(AbortSignal.timeout(20))).rejects.toMatchObject({
      name: 'HypervisorError',
      kind: 'timeout',
    });
  });

  test('fails with an error of libvirt, and the next one succeeds', async () => {
    await begin({ guests: guests(1) });
    await setup.connected();
    setup.fake.fail('CONNECT_GET_ALL_DOMAIN_STATS', 1, 'internal error: out of luck');
    await expect(setup.read()).rejects.toMatchObject({
      kind: 'refused',
      message: 'internal error: out of luck (INTERNAL_ERROR)',
    });
    expect((await setup.read()).guests).toHaveLength(1);
  });

  test('reports an invalid minimum', async () => {
    await begin({ guests: [{ name: 'odd', balloonMin: 'plenty' }] });
    await setup.connected();
    expect(await setup.readOne('odd')).toMatchObject({ metadata: { balloonMinKib: null }, answer: 'fresh' });
    expect(setup.notices().join()).toContain('min="plenty", which is not a size');
  });

  test('follows changed metadata', async () => {
    await begin({ guests: [{ name: 'web', balloonMin: '100MiB' }] });
    await setup.connected();
    await setup.read();
    setup.fake.setMetadata('web', METADATA_NAMESPACE, `<x:guest xmlns:x="${METADATA_NAMESPACE}" min="200MiB"/>`);
    await eventually(async () =>
      expect((await setup.readOne('web')).metadata).toEqual({ balloonMinKib: 204_800, ballooning: null, labels: '' }),
    );
    setup.fake.setMetadata('web', METADATA_NAMESPACE, '');
    await eventually(async () => expect((await setup.readOne('web')).metadata).toBeNull());
    const before = setup.fake.callCount('DOMAIN_GET_XML_DESC');
    await setup.read();
    expect(setup.fake.callCount('DOMAIN_GET_XML_DESC')).toBe(before);
  });
});

describe('labels in the metadata', () => {
  const own = (min: string, ...labels: string[]) =>
    `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="${min}">${labels.map((label) => `<b:label>${label}</b:label>`).join('')}</b:guest>`;

  test('are read and followed', async () => {
    await begin({ guests: [{ name: 'db', metadata: own('1MiB', 'tier-1', 'db') }] });
    await setup.connected();
    expect((await setup.readOne('db')).metadata).toEqual({
      balloonMinKib: 1024,
      ballooning: null,
      labels: 'db tier-1',
    });
    setup.fake.setMetadata('db', METADATA_NAMESPACE, own('1MiB', 'db'));
    await eventually(async () => expect((await setup.readOne('db')).metadata?.labels).toBe('db'));
    expect(setup.notices()).toEqual([]);
  });

  test('are reported once when invalid, and the others count', async () => {
    await begin({ guests: [{ name: 'db', metadata: own('1MiB', 'db', 'two words') }] });
    await setup.connected();
    const wrong = () => setup.notices().filter((notice) => notice.includes('invalid labels'));
    expect((await setup.readOne('db')).metadata?.labels).toBe('db');
    expect(wrong()).toEqual([expect.stringContaining('"two words"')]);
    setup.fake.setMetadata('db', METADATA_NAMESPACE, own('2MiB', 'db', 'two words'));
    await eventually(async () => expect((await setup.readOne('db')).metadata?.balloonMinKib).toBe(2048));
    expect(wrong()).toHaveLength(1);
    setup.fake.setMetadata('db', METADATA_NAMESPACE, own('2MiB', 'db', 'x\u202ey'));
    await eventually(() => setup.read().then(() => expect(wrong()).toHaveLength(2)));
    expect(wrong()[1]).toContain('"x\\u202ey"');
  });

  test('are read next to an invalid minimum, which keeps its last valid value', async () => {
    await begin({ guests: [{ name: 'db', metadata: own('1MiB', 'db') }] });
    await setup.connected();
    await setup.read();
    setup.fake.setMetadata('db', METADATA_NAMESPACE, own('plenty', 'protected'));
    await eventually(async () =>
      expect((await setup.readOne('db')).metadata).toEqual({
        balloonMinKib: 1024,
        ballooning: null,
        labels: 'protected',
      }),
    );
    expect(setup.notices().join()).toContain('min="plenty", which is not a size');
  });
});

describe('the list of guests', () => {
  test('follows events, the list of domains and failed calls', async () => {
    await begin({ guests: guests(2) });
    await setup.connected();
    await setup.read();
    setup.fake.addGuest({ name: 'new' });
    setup.fake.destroyGuest('guest-1');
    await eventually(() =>
      expect(setup.kinds()).toEqual(expect.arrayContaining(['guest-appeared new', 'guest-vanished guest-1'])),
    );
    setup.fake.vanish('guest-2');
    expect((await setup.read()).guests.map(({ name }) => name)).toEqual(['new']);
    expect(setup.kinds().at(-1)).toBe('guest-vanished guest-2');
    const calls = setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS');
    const release = setup.fake.hold('CONNECT_GET_ALL_DOMAIN_STATS');
    const reading = setup.read();
    await eventually(() => expect(setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS')).toBeGreaterThan(calls));
    setup.fake.vanish('new');
    release();
    expect(await reading).toEqual({ guests: [], problems: [] });
  });

  test('reads a guest again that was restarted', async () => {
    await begin({ guests: [{ name: 'web', balloonMin: '100MiB' }] });
    await setup.connected();
    await setup.read();
    setup.fake.vanish('web');
    setup.fake.addGuest({ name: 'web', balloonMin: '300MiB' });
    expect(await setup.readOne('web')).toMatchObject({ id: 2, metadata: { balloonMinKib: 307_200 } });
  });
});

describe('balloons', () => {
  test('get a target, and the change is an event', async () => {
    await begin({ guests: guests(1) });
    await setup.connected();
    const { name, uuid } = setup.fake.guest('guest-1');
    await setup.hypervisor.setBalloonTarget({ name, uuid }, 400_000, never);
    expect(setup.fake.guest('guest-1').currentKib).toBe(400_000);
    await eventually(() =>
      expect(setup.events.at(-1)).toEqual({ kind: 'balloon-changed', guest: { name, uuid }, currentKib: 400_000 }),
    );
  });

  test('may move slowly', async () => {
    await begin({ guests: [{ name: 'slow', maximumKib: 1000, currentKib: 1000 }], balloonKibPerS: 2000 });
    await setup.connected();
    await setup.hypervisor.setBalloonTarget(setup.fake.guest('slow'), 500, never);
    await eventually(async () => expect((await setup.readOne('slow')).balloon.currentKib).toBe(500));
    const seen = setup.events.flatMap((event) => (event.kind === 'balloon-changed' ? [event.currentKib] : []));
    expect(seen).toEqual([900, 800, 700, 600, 500]);
  });

  test('reject with the kind of the error', async () => {
    await begin({ guests: [...guests(1), { name: 'off', state: 5 }] }, { callTimeoutMs: 100 });
    await setup.connected();
    const set = (name: string, uuid: string, kib = 1000): Promise<void> =>
      setup.hypervisor.setBalloonTarget({ name, uuid }, kib, never);
    const { uuid } = setup.fake.guest('guest-1');
    await expect(set('none', '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ kind: 'gone' });
    await expect(set('off', setup.fake.guest('off').uuid)).rejects.toMatchObject({ kind: 'gone' });
    await expect(set('guest-1', uuid, 2 ** 40)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('(INVALID_ARG)'),
    });
    setup.fake.fail('DOMAIN_SET_MEMORY_FLAGS', 55, 'Requested operation is not valid: no balloon device');
    await expect(set('guest-1', uuid)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no balloon device'),
    });
    setup.fake.fail('DOMAIN_SET_MEMORY_FLAGS', 68, 'Timed out during operation');
    await expect(set('guest-1', uuid)).rejects.toMatchObject({ kind: 'timeout' });
    setup.fake.delay('DOMAIN_SET_MEMORY_FLAGS', 60_000);
    await expect(set('guest-1', uuid)).rejects.toMatchObject({ kind: 'timeout' });
    await setup.fake.stop();
    await eventually(() => expect(setup.hypervisor.connected).toBe(false));
    await expect(set('guest-1', uuid)).rejects.toMatchObject({ kind: 'disconnected' });
  });
});

describe('statistics periods', () => {
  test('are set where they are 0, and restored', async () => {
    await begin(
      {
        guests: [
          { name: 'silent', statsPeriodS: 0 },
          { name: 'own', statsPeriodS: 7 },
        ],
      },
      { statsPeriodS: 3 },
    );
    await setup.connected();
    await setup.read();
    expect(setup.fake.guest('silent').statsPeriodS).toBe(3);
    expect(setup.fake.guest('own').statsPeriodS).toBe(7);
    expect(setup.notices()).toEqual([expect.stringMatching(/^silent: .*set to 3 s/)]);
    await setup.hypervisor.close();
    expect(setup.fake.guest('silent').statsPeriodS).toBe(0);
    expect(setup.fake.guest('own').statsPeriodS).toBe(7);
  });

  test('are restored after a restart of libvirtd, too', async () => {
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }] });
    await setup.connected();
    await setup.read();
    await setup.fake.stop();
    // Else the loss may be seen only after the wait below.
    await eventually(() => expect(setup.hypervisor.connected).toBe(false));
    await setup.fake.start();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    await setup.hypervisor.close();
    expect(setup.fake.guest('silent').statsPeriodS).toBe(0);
  });

  test('are left unchanged when so configured; a refusal is reported', async () => {
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }] }, { statsPeriodS: 0 });
    await setup.connected();
    await setup.read();
    expect(setup.fake.callCount('DOMAIN_SET_MEMORY_STATS_PERIOD')).toBe(0);
    await setup.close();
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }] });
    await setup.connected();
    setup.fake.fail('DOMAIN_SET_MEMORY_STATS_PERIOD', 84, 'not here');
    expect((await setup.readOne('silent')).answer).toBe('fresh');
    expect(setup.notices()).toEqual([
      'silent: reports no statistics, and its statistics period cannot be set: not here',
    ]);
  });
});

describe('a statistics period that was lost', () => {
  const later = () => {
    let addedMs = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + addedMs };
    return { clock, wait: (ms: number) => (addedMs += ms) };
  };

  test('is set again: to that of the guest if it had one, and this stays', async () => {
    const { clock, wait } = later();
    await begin(
      {
        guests: [
          { name: 'silent', statsPeriodS: 0 },
          { name: 'own', statsPeriodS: 7 },
        ],
      },
      { clock },
    );
    await setup.connected();
    await setup.read();
    for (const { name } of setup.fake.all()) {
      setup.fake.guest(name).statsPeriodS = 0;
      setup.fake.guest(name).reporting = false;
    }
    await setup.read();
    wait(10_000);
    await setup.read();
    expect(
      setup
        .notices()
        .filter((notice) => notice.includes('lost'))
        .sort(),
    ).toEqual([
      'own: had lost its statistics period of 7 s: set again',
      'silent: had lost its statistics period: set again to 5 s until Ballast stops',
    ]);
    expect(setup.fake.all().map(({ statsPeriodS }) => statsPeriodS)).toEqual([5, 7]);
    await setup.hypervisor.close();
    expect(setup.fake.all().map(({ statsPeriodS }) => statsPeriodS)).toEqual([0, 7]);
  });

  test('is set again after a reconnect', async () => {
    await begin({ guests: [{ name: 'own', statsPeriodS: 7 }] });
    await setup.connected();
    await setup.read();
    await setup.fake.stop();
    setup.fake.guest('own').statsPeriodS = 0;
    await setup.fake.start();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    await setup.read();
    expect(setup.fake.guest('own').statsPeriodS).toBe(7);
  });

  test('is not looked at in every reading while the guest stays silent', async () => {
    const { clock, wait } = later();
    await begin({ guests: guests(1) }, { clock });
    setup.fake.guest('guest-1').reporting = false;
    await setup.connected();
    for (let reading = 0; reading < 100; reading++) {
      await setup.read();
      wait(1000);
    }
    expect(setup.fake.callCount('DOMAIN_GET_XML_DESC')).toBeLessThan(7);
    expect(setup.notices()).toEqual([
      expect.stringContaining('has not reported any statistics yet'),
      expect.stringContaining('no balloon driver'),
    ]);
  });

  test('is put back after a crash, by the next Ballast', async () => {
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }] });
    const state = setup.directory + '/state';
    await mkdir(state);
    setup.files.set('/run/libvirt/qemu/silent.pid', '7');
    // As a Ballast left it that was killed.
    await writeFile(
      `${state}/stats-periods-999999999-5.json`,
      JSON.stringify([`${setup.fake.guest('silent').uuid} pid 7 null`]),
    );
    setup.fake.guest('silent').statsPeriodS = 5;
    await setup.connected();
    await setup.read();
    expect((await readdir(state)).some((name) => name.includes('999999999'))).toBe(false);
    await setup.hypervisor.close();
    expect(setup.fake.guest('silent').statsPeriodS).toBe(0);
    expect(await readdir(state)).toEqual([]);
  });

  test('is not taken from another Ballast that runs', async () => {
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }] });
    await setup.connected();
    await setup.read();
    const key = JSON.stringify([`${setup.fake.guest('silent').uuid} id 1`]);
    // The test itself is a process that runs.
    const [name] = await readdir(setup.directory + '/state');
    expect(await readFile(`${setup.directory}/state/${name}`, 'utf8')).toBe(key);
    const start = (await readFile('/proc/1/stat', 'utf8')).split(') ')[1]!.split(' ')[19];
    const other = `${setup.directory}/state/stats-periods-1-${start}.json`;
    await writeFile(other, key);
    await setup.hypervisor.close();
    expect(setup.fake.guest('silent').statsPeriodS).toBe(5);
    expect(await readFile(other, 'utf8')).toBe(key);
  });

  test('is set even where nothing can be noted, which is said once', async () => {
    await begin({ guests: guests(2, { statsPeriodS: 0 }) }, { stateDirectory: '/proc/no/such' });
    await setup.connected();
    await setup.read();
    expect(setup.fake.all().map(({ statsPeriodS }) => statsPeriodS)).toEqual([5, 5]);
    expect(setup.notices().filter((notice) => notice.includes('Cannot note'))).toHaveLength(1);
  });
});

describe('why a guest has no statistics', () => {
  const without = { available: undefined, unused: undefined };
  test.each<[string, object, (guest: FakeGuest) => void]>([
    ['no device', {}, (guest) => (guest.xml = "<domain><devices><memballoon model='none'/></devices></domain>")],
    ['not booted', {}, (guest) => (guest.reporting = false)],
    ['service silent', {}, (guest) => Object.assign(guest, { reporting: false, lastUpdateS: 1000, figures: without })],
    ['incomplete', {}, (guest) => (guest.figures = { available: undefined })],
    ['period 0', { statsPeriodS: 0 }, () => undefined],
  ])('is told once: %s', async (cause, options, change) => {
    await begin({ guests: [{ name: 'odd', ...options }] }, { statsPeriodS: 0 });
    change(setup.fake.guest('odd'));
    await setup.connected();
    for (let reading = 0; reading < 3; reading++) expect((await setup.readOne('odd')).missing).toMatchObject({ cause });
    expect(setup.notices()).toHaveLength(1);
  });
});

describe('a guest', () => {
  const stat = (pid: number, start: number) =>
    `${pid} (qemu) S 1 1 1 0 -1 0 1 0 0 0 1 1 0 0 20 0 5 0 ${start} 1024 5 0`;

  test.each<[string, number, number, boolean]>([
    ['another process', 5002, 9100, true],
    ['another process with the same pid', 5001, 9100, true],
    ['the same process', 5001, 100, false],
  ])('after a restart of libvirtd: %s', async (_, pid, start, isNew) => {
    await begin({ guests: [{ name: 'solo' }] });
    setup.files.set('/run/libvirt/qemu/solo.pid', '5001').set('/proc/5001/stat', stat(5001, 100));
    await setup.connected();
    expect(await setup.readOne('solo')).toMatchObject({ id: 1, pid: 5001, startTicks: 100, initialKib: 1_048_576 });
    await setup.fake.stop();
    setup.fake.guest('solo').currentKib = 900_000;
    setup.files.set('/run/libvirt/qemu/solo.pid', `${pid}`).set(`/proc/${pid}/stat`, stat(pid, start));
    await setup.fake.start();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    expect(await setup.readOne('solo')).toMatchObject({
      id: 1,
      pid,
      startTicks: start,
      initialKib: isNew ? 900_000 : 1_048_576,
    });
    expect(setup.notices()).toHaveLength(isNew ? 1 : 0);
  });

  test('is read again when a device is added, and when its maximum changes', async () => {
    await begin({ guests: [{ name: 'web' }] });
    await setup.connected();
    expect((await setup.readOne('web')).domain).toEqual(guestDomain({ currentKib: 1_048_576 }));
    const devices = "<hostdev type='pci'/><memballoon><stats period='5'/></memballoon>";
    setup.fake.plug('web', `<domain><devices>${devices}</devices></domain>`);
    await eventually(async () => expect((await setup.readOne('web')).domain?.pinningDevices).toBe(1));
    setup.fake.guest('web').xml = '<domain><memoryBacking><locked/></memoryBacking></domain>';
    setup.fake.guest('web').maximumKib += 1024;
    expect((await setup.readOne('web')).domain?.locked).toBe(true);
  });

  test('whose XML cannot be read has no facts, and is named once', async () => {
    await begin({ guests: [{ name: 'web' }] });
    setup.fake.guest('web').xml = '<domain><memtune><min_guarantee>lots</min_guarantee></memtune></domain>';
    await setup.connected();
    for (let reading = 0; reading < 3; reading++) {
      expect(await setup.readOne('web')).toMatchObject({ domain: null, answer: 'fresh' });
      setup.fake.setMetadata('web', METADATA_NAMESPACE, '');
    }
    expect(setup.notices()).toEqual([
      expect.stringMatching(/^web: domain XML cannot be read, so its balloon is left alone/),
    ]);
  });

  test('has a job while libvirt works on it', async () => {
    await begin({ guests: guests(30) });
    await setup.connected();
    expect((await setup.readOne('guest-30')).job).toBe('none');
    setup.fake.guest('guest-30').migrating = true;
    await eventually(async () => expect((await setup.readOne('guest-30')).job).toBe('migration'));
    setup.fake.guest('guest-30').migrating = false;
    expect((await setup.readOne('guest-30')).job).toBe('none');
  });

  test('has an unknown job where libvirt does not tell', async () => {
    await begin({ guests: guests(1) });
    setup.fake.fail('DOMAIN_GET_JOB_STATS', 3, 'not supported');
    await setup.connected();
    await setup.read();
    expect((await setup.readOne('guest-1')).job).toBeNull();
    expect(setup.fake.callCount('DOMAIN_GET_JOB_STATS')).toBe(1);
  });
});

describe('one guest', () => {
  test('is read again with its statistics, its changed XML and its job', async () => {
    await begin({ guests: guests(3) });
    await setup.connected();
    await setup.read();
    const guest = setup.fake.guest('guest-2');
    guest.usedKib = 900_000;
    guest.migrating = true;
    setup.fake.setMetadata('guest-2', METADATA_NAMESPACE, `<guest xmlns="${METADATA_NAMESPACE}" ballooning="off"/>`);
    const { name, uuid } = guest;
    await eventually(async () =>
      expect((await setup.hypervisor.readGuest({ name, uuid }, never))?.metadata?.ballooning).toBe(false),
    );
    expect(await setup.hypervisor.readGuest({ name, uuid }, never)).toMatchObject({
      name,
      job: 'migration',
      answer: 'fresh',
    });
    setup.fake.vanish('guest-2');
    expect(await setup.hypervisor.readGuest({ name, uuid }, never)).toBeNull();
  });

  test('that hangs is told apart from one that is gone, and from no connection', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 50 });
    await setup.connected();
    await setup.read();
    setup.fake.stick('guest-1');
    const first = setup.fake.guest('guest-1');
    await expect(setup.hypervisor.readGuest(first, never)).rejects.toMatchObject({ kind: 'timeout' });
    await setup.fake.stop();
    await eventually(() => expect(setup.hypervisor.connected).toBe(false));
    await expect(setup.hypervisor.readGuest(first, never)).rejects.toMatchObject({ kind: 'disconnected' });
  });

  test('gets one change at a time, and the late outcome of one that hung is told', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 50 });
    await setup.connected();
    await setup.read();
    const release = setup.fake.hold('DOMAIN_SET_MEMORY_FLAGS');
    const [one, two] = setup.fake.all();
    await expect(setup.hypervisor.setBalloonTarget(one!, 500_000, never)).rejects.toMatchObject({ kind: 'timeout' });
    await expect(setup.hypervisor.setBalloonTarget(one!, 400_000, never)).rejects.toMatchObject({ kind: 'busy' });
    await setup.hypervisor.setBalloonTarget(two!, 400_000, never);
    release();
    await eventually(() =>
      expect(setup.notices()).toEqual([
        expect.stringMatching(/^guest-1: the change of its balloon to 500000 returned after \d+ s: it was made$/),
      ]),
    );
    await setup.hypervisor.setBalloonTarget(one!, 400_000, never);
    expect(setup.fake.all().map(({ currentKib }) => currentKib)).toEqual([400_000, 400_000]);
    expect(setup.fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(3);
  });
});

describe('changes that hang', () => {
  test('leave places for others, also for two that need one at the same moment', async () => {
    await begin({ guests: guests(6) }, { callTimeoutMs: 50 });
    await setup.connected();
    const all = setup.fake.all();
    const releases = [1, 2, 3, 4].map(() => setup.fake.hold('DOMAIN_SET_MEMORY_FLAGS'));
    const set = (at: number): Promise<void> => setup.hypervisor.setBalloonTarget(all[at]!, 400_000, never);
    for (const at of [0, 1, 2, 3]) await expect(set(at)).rejects.toMatchObject({ kind: 'timeout' });
    await Promise.all([set(4), set(5)]);
    expect(all.map(({ currentKib }) => currentKib === 400_000)).toEqual([false, false, false, false, true, true]);
    for (const release of releases) release();
    await eventually(() => expect(all.every(({ currentKib }) => currentKib === 400_000)).toBe(true));
  });
});

describe('guests that hang', () => {
  test('do not affect the others, and are reported once, and once more when they respond', async () => {
    await begin({ guests: guests(250) }, { callTimeoutMs: 150 });
    await setup.connected();
    await setup.read();
    setup.fake.stick('guest-120');
    const first = await setup.read();
    expect(first.guests.filter(({ answer }) => answer === 'stuck').map(({ name }) => name)).toEqual(['guest-120']);
    expect(first.guests).toHaveLength(250);
    expect(first.guests.find(({ name }) => name === 'guest-120')?.balloon).toEqual({
      currentKib: 1_048_576,
      maximumKib: 1_048_576,
      other: {},
    });
    await setup.read();
    expect(setup.notices()).toEqual([expect.stringMatching(/^guest-120: does not respond/)]);
    await expect(setup.hypervisor.setBalloonTarget(setup.fake.guest('guest-120'), 1000, never)).rejects.toMatchObject({
      kind: 'busy',
    });
    expect(setup.fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(0);
    await setup.hypervisor.setBalloonTarget(setup.fake.guest('guest-121'), 500_000, never);
    setup.fake.unstick('guest-120');
    await eventually(async () => expect((await setup.readOne('guest-120')).answer).toBe('fresh'));
    expect(setup.notices().at(-1)).toBe('guest-120: responds to libvirt again');
    expect(setup.notices()).toHaveLength(2);
  });

  test('do not make a reading longer than a short interval', async () => {
    await begin({ guests: guests(10) }, { callTimeoutMs: 30_000, intervalMs: 1000 });
    await setup.connected();
    await setup.read();
    setup.fake.stick('guest-5');
    const began = performance.now();
    const { guests: read } = await setup.read();
    // The usual timeout of one call.
    expect(performance.now() - began).toBeLessThan(1500);
    expect(read.filter(({ answer }) => answer === 'fresh')).toHaveLength(9);
  });

  test('are read separately from then on, with one extra call', async () => {
    await begin({ guests: guests(100) }, { callTimeoutMs: 500 });
    await setup.connected();
    setup.fake.stick('guest-50');
    await setup.read();
    const before = setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS');
    await setup.read();
    // One call for the others and one for the guest that hangs.
    expect(setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS') - before).toBe(2);
  });

  test('are found one by one when one chunk has several, and the others recover', async () => {
    await begin({ guests: guests(60) }, { callTimeoutMs: 100 });
    await setup.connected();
    const hanging = ['guest-3', 'guest-4', 'guest-31', 'guest-59'];
    for (const name of hanging) setup.fake.stick(name);
    await eventually(async () => {
      const { guests: read } = await setup.read();
      expect(
        read
          .filter(({ answer }) => answer === 'stuck')
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...hanging].sort());
    });
    for (const name of hanging) setup.fake.unstick(name);
    await eventually(async () =>
      expect((await setup.read()).guests.every(({ answer }) => answer === 'fresh')).toBe(true),
    );
    expect(setup.hypervisor.connected).toBe(true);
  });

  test("may outnumber libvirtd's workers: others are still read, and few calls hang", async () => {
    await begin({ guests: guests(80) }, { callTimeoutMs: 50, chunkSize: 10 });
    await setup.connected();
    await setup.read();
    for (let i = 1; i <= 40; i++) setup.fake.stick(`guest-${i}`);
    let fresh = 0;
    for (let i = 0; i < 12; i++) fresh = (await setup.read()).guests.filter(({ answer }) => answer === 'fresh').length;
    expect(fresh).toBeLessThanOrEqual(40);
    expect(setup.fake.connections).toBeLessThanOrEqual(5);
    expect(setup.hypervisor.connected).toBe(true);
    for (let i = 1; i <= 40; i++) setup.fake.unstick(`guest-${i}`);
    await eventually(async () =>
      expect((await setup.read()).guests.filter(({ answer }) => answer === 'fresh')).toHaveLength(80),
    );
    await eventually(async () => {
      await setup.read();
      expect(setup.fake.connections).toBe(2);
    });
  });

  test('do not delay closing', async () => {
    await begin({ guests: [{ name: 'silent', statsPeriodS: 0 }, ...guests(3)] }, { callTimeoutMs: 100 });
    await setup.connected();
    await setup.read();
    setup.fake.stick('silent');
    const began = performance.now();
    await setup.hypervisor.close();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(setup.notices().at(-1)).toContain('Cannot reset the statistics period of 1 guests');
  });
});

describe('without libvirtd', () => {
  test('start reports the lost connection and reconnects', async () => {
    await begin({ guests: guests(1) });
    await setup.fake.stop();
    expect(await setup.hypervisor.start()).toBe(false);
    expect(setup.events).toEqual([
      {
        kind: 'disconnected',
        reason: expect.stringMatching(/ENOENT, there is no such socket; is libvirtd .* running/),
        retryInMs: 20,
      },
    ]);
    await expect(setup.read()).rejects.toBeInstanceOf(HypervisorError);
    await setup.fake.start();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    expect((await setup.read()).guests).toHaveLength(1);
    expect(setup.kinds().at(-2)).toBe('connected');
  });

  test('a restart fails the pending read at once, and no guest is reported twice', async () => {
    await begin({ guests: guests(3) });
    await setup.connected();
    await setup.read();
    setup.fake.delay('CONNECT_GET_ALL_DOMAIN_STATS', 60_000);
    const reading = expect(setup.read()).rejects.toMatchObject({ kind: 'disconnected' });
    await eventually(() => expect(setup.fake.callCount('CONNECT_GET_ALL_DOMAIN_STATS')).toBe(2));
    await setup.fake.stop();
    await reading;
    expect(setup.hypervisor.connected).toBe(false);
    setup.fake.vanish('guest-3');
    await setup.fake.start();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    expect((await setup.read()).guests).toHaveLength(2);
    expect(setup.kinds().filter((kind) => kind.startsWith('guest-'))).toEqual([
      'guest-appeared guest-1',
      'guest-appeared guest-2',
      'guest-appeared guest-3',
      'guest-vanished guest-3',
    ]);
    expect(setup.kinds().filter((kind) => kind === 'disconnected')).not.toHaveLength(0);
  });

  test('retries back off from the first wait to the longest, and start over after a success', async () => {
    const { clock, waits, end } = heldClock();
    await begin({}, { retryMs: { first: 1000, longest: 30_000 }, clock });
    await setup.fake.stop();
    await setup.hypervisor.start();
    for (let i = 2; i <= 7; i++) {
      await end();
      await eventually(() => expect(waits).toHaveLength(i));
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    await setup.fake.start();
    await end();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
    setup.fake.dropConnections();
    await eventually(() => expect(waits).toHaveLength(8));
    expect(waits.at(-1)).toBe(1000);
  });

  test.each([
    ['has no socket', 0],
    ['accepts connections and does not reply', 60_000],
  ])('a libvirtd that %s for minutes is noticed within 5 s of its answering', async (_what, delayMs) => {
    const { clock, waits, end } = heldClock();
    await begin({}, { retryMs: RETRY_MS, clock, callTimeoutMs: 50 });
    const silence = () => (delayMs === 0 ? null : setup.fake.delay('AUTH_LIST', delayMs));
    if (delayMs === 0) await setup.fake.stop();
    silence();
    await setup.hypervisor.start();
    for (let i = 2; i <= 20; i++) {
      silence();
      await end();
      await eventually(() => expect(waits).toHaveLength(i));
    }
    expect(Math.max(...waits)).toBeLessThan(5000);
    if (delayMs === 0) await setup.fake.start();
    await end();
    await eventually(() => expect(setup.hypervisor.connected).toBe(true));
  });

  test('connecting times out when the daemon accepts but does not reply', async () => {
    await begin({}, { callTimeoutMs: 50 });
    setup.fake.delay('AUTH_LIST', 60_000);
    expect(await setup.hypervisor.start()).toBe(false);
    expect(setup.events[0]).toMatchObject({
      kind: 'disconnected',
      reason: expect.stringContaining('no reply from libvirtd within 50 ms'),
    });
  });

  test('closing ends the retries', async () => {
    const { clock, waits, signal, end } = heldClock();
    await begin({}, { clock });
    await setup.fake.stop();
    await setup.hypervisor.start();
    expect(waits).toHaveLength(1);
    expect(signal().aborted).toBe(false);
    await setup.hypervisor.close();
    expect(signal().aborted).toBe(true);
    const events = setup.events.length;
    await setup.fake.start();
    await end();
    expect(setup.hypervisor.connected).toBe(false);
    expect(setup.events).toHaveLength(events);
    expect(setup.fake.connections).toBe(0);
  });
});

describe('a libvirtd that stalls', () => {
  const list = 'CONNECT_LIST_ALL_DOMAINS';

  test('fails readings at once, without further calls, until its late answer comes', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 100 });
    await setup.connected();
    await setup.read();
    const release = setup.fake.hold(list);
    await expect(setup.read()).rejects.toMatchObject({ kind: 'timeout', message: expect.stringContaining(list) });
    const calls = setup.fake.callCount(list);
    for (let time = 0; time < 50; time++) await expect(setup.read()).rejects.toMatchObject({ kind: 'timeout' });
    expect(setup.fake.callCount(list)).toBe(calls);
    release();
    await eventually(async () => expect((await setup.read()).guests).toHaveLength(2));
  });

  test('does not fail the reading after one that was aborted', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 30_000 });
    await setup.connected();
    const release = setup.fake.hold(list);
    await expect(setup.hypervisor.readGuests(AbortSignal.timeout(20))).rejects.toMatchObject({ kind: 'timeout' });
    const next = setup.read();
    release();
    expect((await next).guests).toHaveLength(2);
  });

  test('gets the full timeout while it is known to be slow', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 30_000 });
    await setup.connected();
    await setup.read();
    // Longer than a prompt answer takes.
    setup.fake.delay(list, 700, 100);
    await expect(setup.read()).rejects.toMatchObject({ kind: 'timeout' });
    await eventually(async () => expect((await setup.read()).guests).toHaveLength(2));
    expect((await setup.read()).guests).toHaveLength(2);
  });

  test('whose connection was replaced is asked anew', async () => {
    await begin({ guests: guests(2) }, { callTimeoutMs: 100 });
    await setup.connected();
    setup.fake.hold(list);
    await expect(setup.read()).rejects.toMatchObject({ kind: 'timeout' });
    setup.fake.dropConnections();
    await eventually(async () => expect((await setup.read()).guests).toHaveLength(2));
  });
});
