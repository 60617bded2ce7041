import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelFiles } from '../../src/host/kernel-files.ts';
import { systemClock } from '../../src/host/system-clock.ts';
import { LibvirtHypervisor } from '../../src/libvirt/libvirt.ts';
import { blockingJob } from '../../src/model/jobs.ts';
import type { GuestReading, HypervisorEvent } from '../../src/ports/hypervisor.ts';
import { command } from './bed/command.ts';
import { bedPaths } from './support/bed-paths.ts';
import { Guest, LIBVIRT_URI, virsh, waitFor } from './support/index.ts';

const neverAborted = new AbortController().signal;
const events: HypervisorEvent[] = [];
let folder: string;
let hypervisor: LibvirtHypervisor;
let busy: Guest;
let idle: Guest;

beforeAll(async () => {
  [busy, idle] = (await Guest.startAll([
    { name: 'busy', memoryMib: 192, statsPeriodS: 1 },
    { name: 'idle', memoryMib: 192, statsPeriodS: 1 },
  ])) as [Guest, Guest];
  await Promise.all([busy.waitBooted(), idle.waitBooted()]);
  folder = await mkdtemp(join(bedPaths().temporary, 'jobs-'));
  hypervisor = new LibvirtHypervisor({
    uri: LIBVIRT_URI,
    callTimeoutMs: 1000,
    chunkSize: 100,
    statsPeriodS: 1,
    host: kernelFiles('/'),
    clock: systemClock,
  });
  hypervisor.onEvent((event) => events.push(event));
  expect(await hypervisor.start()).toBe(true);
});

afterAll(async () => {
  await hypervisor.close();
  await rm(folder, { recursive: true });
});

async function readingOf({ domain }: Guest): Promise<GuestReading> {
  const { guests } = await hypervisor.readGuests(neverAborted);
  const found = guests.find(({ name }) => name === domain);
  if (found === undefined) throw new Error(`${domain} is not in the reading`);
  return found;
}

test('a change of a guest that is being dumped hangs, and the field job says so; other guests change meanwhile', async () => {
  // Nobody reads the pipe, so that the dump takes as long as the test likes.
  const pipe = join(folder, 'dump');
  await command('mkfifo', [pipe]);
  const reader = createReadStream(pipe, { highWaterMark: 1_048_576 });
  const dump = spawn('virsh', ['-c', LIBVIRT_URI, 'dump', busy.domain, pipe, '--live'], { stdio: 'ignore' });
  const dumped = new Promise((resolve) => dump.once('exit', resolve));
  try {
    const reading = await waitFor('the job', 30_000, async () => {
      const now = await readingOf(busy);
      return now.job === 'none' ? null : now;
    });
    expect(reading).toMatchObject({ job: 'dump', answer: 'fresh' });
    expect(blockingJob(reading.job)).toBe('is being dumped');
    const { name, uuid } = reading;
    await expect(hypervisor.setBalloonTarget({ name, uuid }, 150_000, neverAborted)).rejects.toMatchObject({
      kind: 'timeout',
    });
    await expect(hypervisor.setBalloonTarget({ name, uuid }, 140_000, neverAborted)).rejects.toMatchObject({
      kind: 'busy',
    });
    expect(await hypervisor.readGuest({ name, uuid }, neverAborted)).toMatchObject({ job: 'dump' });
    const other = await readingOf(idle);
    await hypervisor.setBalloonTarget({ name: other.name, uuid: other.uuid }, 150_000, neverAborted);
  } finally {
    reader.resume();
    await dumped;
    reader.destroy();
  }
  await waitFor('the late outcome', 60_000, async () =>
    events.some((event) => event.kind === 'notice' && event.message.startsWith('the change of its balloon to 150000')),
  );
  await waitFor('the end of the job', 30_000, async () => (await readingOf(busy)).job === 'none');
  await waitFor('both sizes', 60_000, async () =>
    [await readingOf(busy), await readingOf(idle)].every(({ balloon }) => balloon.currentKib === 150_000),
  );
});

test('a guest that is being backed up changes at once', async () => {
  const [disk, scratch, xml] = ['disk.raw', 'scratch.qcow2', 'backup.xml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await command('truncate', ['-s', '16M', disk]);
  await virsh('attach-disk', idle.domain, disk, 'vda', '--subdriver', 'raw', '--targetbus', 'virtio', '--live');
  // In pull mode, the job lasts until it is ended.
  const server = `<server transport='unix' socket='${join(folder, 'nbd')}'/>`;
  const disks = `<disks><disk name='vda' type='file'><scratch file='${scratch}'/></disk></disks>`;
  await writeFile(xml, `<domainbackup mode='pull'>${server}${disks}</domainbackup>`);
  await virsh('backup-begin', idle.domain, xml);
  try {
    const { name, uuid, job } = await waitFor('the job', 30_000, async () => {
      const now = await readingOf(idle);
      return now.job === 'none' ? null : now;
    });
    expect(job).toBe('backup');
    expect(blockingJob(job)).toBeNull();
    await hypervisor.setBalloonTarget({ name, uuid }, 160_000, neverAborted);
    await waitFor('the size', 60_000, async () => (await readingOf(idle)).balloon.currentKib === 160_000);
  } finally {
    await virsh('domjobabort', idle.domain);
  }
});
