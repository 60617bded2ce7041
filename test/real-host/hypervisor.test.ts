import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelFiles } from '../../src/host/kernel-files.ts';
import { systemClock } from '../../src/host/system-clock.ts';
import { METADATA_NAMESPACE } from '../../src/libvirt/domain-xml.ts';
import { LibvirtHypervisor } from '../../src/libvirt/libvirt.ts';
import type { GuestReading, HypervisorEvent } from '../../src/ports/hypervisor.ts';
import { cheapPausedGuests, Guest, LIBVIRT_URI, libvirtd, virsh, waitFor } from './support/index.ts';

const neverAborted = new AbortController().signal;
const events: HypervisorEvent[] = [];
let hypervisor: LibvirtHypervisor;
let guest: Guest;

beforeAll(async () => {
  guest = await Guest.start({
    name: 'port',
    memoryMib: 192,
    statsPeriodS: 0,
    metadata: `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="64MiB"/>`,
  });
  await Promise.all([guest.waitBooted(), cheapPausedGuests(4)]);
  hypervisor = new LibvirtHypervisor({
    uri: LIBVIRT_URI,
    callTimeoutMs: 2000,
    chunkSize: 2,
    statsPeriodS: 1,
    host: kernelFiles('/'),
    clock: systemClock,
    retryMs: { first: 200, longest: 1000 },
  });
  hypervisor.onEvent((event) => events.push(event));
  expect(await hypervisor.start()).toBe(true);
});

afterAll(() => hypervisor.close());

async function readings(): Promise<ReadonlyMap<string, GuestReading>> {
  const { guests } = await hypervisor.readGuests(neverAborted);
  return new Map(guests.map((each) => [each.name, each]));
}

async function readOne(): Promise<GuestReading> {
  const found = (await readings()).get(guest.domain);
  if (found === undefined) throw new Error('the guest is not in the reading');
  return found;
}

const period = async (): Promise<string | null> =>
  /<stats period='(\d+)'/.exec(await virsh('dumpxml', guest.domain))?.[1] ?? null;

test('reads statistics, process and metadata of a guest, and sets its statistics period', async () => {
  const reading = await waitFor('the guest’s own figures', 60_000, async () => {
    const read = await readOne();
    return read.balloon.unusedKib !== undefined && (read.balloon.lastUpdateS ?? 0) > 0 ? read : null;
  });
  expect(reading).toMatchObject({
    state: 'running',
    answer: 'fresh',
    pid: await guest.pid(),
    minGuaranteeKib: null,
    metadata: { balloonMinKib: 65_536, labels: '' },
    balloon: { currentKib: 196_608, maximumKib: 196_608, rssKib: expect.any(Number), availableKib: expect.any(Number) },
  });
  expect(await period()).toBe('1');
});

test('sets a balloon target', async () => {
  const { name, uuid } = await readOne();
  await hypervisor.setBalloonTarget({ name, uuid }, 150_000, neverAborted);
  await waitFor('the balloon', 60_000, async () => (await readOne()).balloon.currentKib === 150_000);
  await waitFor('its event', 30_000, () =>
    events.some((event) => event.kind === 'balloon-changed' && event.currentKib === 150_000),
  );
  await expect(hypervisor.setBalloonTarget({ name, uuid }, 2 ** 31, neverAborted)).rejects.toMatchObject({
    name: 'HypervisorError',
    kind: 'refused',
  });
});

test('reads metadata again after it is changed or removed', async () => {
  await virsh(
    'metadata',
    guest.domain,
    '--uri',
    METADATA_NAMESPACE,
    '--key',
    'b',
    '--set',
    '<guest min="96MiB"/>',
    '--live',
  );
  await waitFor('the new minimum', 30_000, async () => (await readOne()).metadata?.balloonMinKib === 98_304);
  await virsh('metadata', guest.domain, '--uri', METADATA_NAMESPACE, '--remove', '--live');
  await waitFor('no minimum', 30_000, async () => (await readOne()).metadata === null);
});

test('reads labels set as described in operations.md, and reports an invalid one once', async () => {
  const set = (inside: string) =>
    virsh(
      'metadata',
      guest.domain,
      '--uri',
      METADATA_NAMESPACE,
      '--key',
      'ballast',
      '--live',
      '--set',
      `<guest min="512MiB">${inside}</guest>`,
    );
  await set('<label>tier-1</label><label>db</label>');
  await waitFor('the labels', 30_000, async () => (await readOne()).metadata?.labels === 'db tier-1');
  await set('<label>db</label><label>not one</label>');
  await waitFor('the other labels', 30_000, async () => (await readOne()).metadata?.labels === 'db');
  expect((await readOne()).metadata).toEqual({ balloonMinKib: 524_288, labels: 'db', ballooning: null });
  await readOne();
  const notices = events.flatMap((event) =>
    event.kind === 'notice' && event.guest?.name === guest.domain ? [event.message] : [],
  );
  expect(notices.filter((message) => message.includes('"not one"'))).toHaveLength(1);
});

test('reads other guests while a QEMU is stopped, and that guest after it resumes', async () => {
  await guest.sigstop();
  try {
    for (let i = 0; i < 3; i++) {
      const read = await readings();
      expect(read.get(guest.domain)?.answer).toBe('stuck');
      expect([...read.values()].filter(({ answer }) => answer === 'fresh')).toHaveLength(4);
    }
    const { name, uuid } = await readOne();
    await expect(hypervisor.setBalloonTarget({ name, uuid }, 160_000, neverAborted)).rejects.toMatchObject({
      kind: 'busy',
    });
  } finally {
    await guest.sigcont();
  }
  await waitFor('the guest to answer', 60_000, async () => (await readOne()).answer === 'fresh');
  const notices = events.flatMap((event) =>
    event.kind === 'notice' && event.guest?.name === guest.domain ? [event.message] : [],
  );
  expect(notices.filter((message) => /does not respond|responds to libvirt again/.test(message))).toHaveLength(2);
});

test('reconnects after a restart of libvirtd', async () => {
  await libvirtd.stop();
  await expect(hypervisor.readGuests(neverAborted)).rejects.toMatchObject({
    name: 'HypervisorError',
    kind: 'disconnected',
  });
  await libvirtd.start();
  await waitFor('the connection', 30_000, () => hypervisor.connected);
  expect((await readings()).size).toBe(5);
});

test('reports a destroyed guest as gone and omits it from the next reading', async () => {
  const [paused] = (await hypervisor.readGuests(neverAborted)).guests.filter(({ state }) => state === 'paused');
  if (paused === undefined) throw new Error('no paused guest');
  await virsh('destroy', paused.name);
  await expect(hypervisor.setBalloonTarget(paused, 8192, neverAborted)).rejects.toMatchObject({ kind: 'gone' });
  expect((await readings()).has(paused.name)).toBe(false);
  expect(events).toContainEqual({ kind: 'guest-vanished', guest: { name: paused.name, uuid: paused.uuid } });
});

test('restores the statistics period on close', async () => {
  expect(await period()).toBe('1');
  await hypervisor.close();
  expect(await period()).toBeNull();
});
