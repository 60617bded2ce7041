import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/host/system-clock.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt/domain-xml.ts';
import { HypervisorError } from '../../../src/ports/hypervisor.ts';
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
      minGuaranteeKib: 262_144,
      metadata: null,
      balloon: {
        currentKib: 524_288,
        maximumKib: 1_048_576,
        swapInKib: 0,
        swapOutKib: 0,
        majorFaults: 120,
        minorFaults: 45_000,
        unusedKib: 282_345,
        availableKib: 482_345,
        rssKib: 220_000,
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
      expect((await setup.readOne('web')).metadata).toEqual({ balloonMinKib: 204_800, labels: '' }),
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
    expect((await setup.readOne('db')).metadata).toEqual({ balloonMinKib: 1024, labels: 'db tier-1' });
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
      expect((await setup.readOne('db')).metadata).toEqual({ balloonMinKib: 1024, labels: 'protected' }),
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
      kind: 'timeout',
    });
    expect(setup.fake.callCount('DOMAIN_SET_MEMORY_FLAGS')).toBe(0);
    await setup.hypervisor.setBalloonTarget(setup.fake.guest('guest-121'), 500_000, never);
    setup.fake.unstick('guest-120');
    await eventually(async () => expect((await setup.readOne('guest-120')).answer).toBe('fresh'));
    expect(setup.notices().at(-1)).toBe('guest-120: responds to libvirt again');
    expect(setup.notices()).toHaveLength(2);
  });

  test('are read separately from then on, with one extra call', async () => {
    await begin({ guests: guests(100) }, { callTimeoutMs: 150 });
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
