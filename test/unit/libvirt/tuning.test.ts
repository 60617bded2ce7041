import { afterEach, describe, expect, it } from 'vitest';
import { Setup } from '../../support/hypervisor-setup.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';

const QOS = `<o:qos xmlns:o="http://ovirt.org/vm/tune/1.0"><o:vcpuLimit>40</o:vcpuLimit><o:ioTune>
  <o:device name="vda"><o:maximum><o:total_iops_sec>500</o:total_iops_sec></o:maximum></o:device>
  <o:device name="vdz"/></o:ioTune></o:qos>`;

let setup: Setup;
afterEach(() => setup.close());

async function connected(metadata = QOS) {
  setup = await Setup.of({ guests: [{ name: 'web', metadata }] });
  await setup.connected();
  const { name, uuid } = await setup.readOne('web');
  const guest = { name, uuid };
  return { guest, tuning: setup.hypervisor.tuning, fake: setup.fake.all()[0]! };
}

describe('limits over libvirt', () => {
  it('reads the CPU limits, the vCPUs and what the metadata allows', async () => {
    const { guest, tuning } = await connected();
    expect(await tuning.readCpu(guest, NEVER_ABORTED)).toEqual({
      quotaUs: -1,
      periodUs: 100_000,
      vcpus: 1,
      userLimit: 40,
    });
  });

  it('reads the disks that the metadata names and the guest has', async () => {
    const { guest, tuning, fake } = await connected();
    fake.disks['vda'] = { read_bytes_sec: 5 };
    expect(await tuning.readDisks(guest, NEVER_ABORTED)).toMatchObject([
      { name: 'vda', maximum: { total_iops_sec: 500 }, current: { read_bytes_sec: 5, total_iops_sec: 0 } },
    ]);
  });

  it('takes guests without the metadata for unlimited', async () => {
    const { guest, tuning } = await connected('');
    expect((await tuning.readCpu(guest, NEVER_ABORTED)).userLimit).toBe(100);
    expect(await tuning.readDisks(guest, NEVER_ABORTED)).toBeNull();
  });

  it('sets limits and resolves with what libvirt has then', async () => {
    const { guest, tuning, fake } = await connected();
    expect(await tuning.setCpu(guest, { quotaUs: 50_000 }, NEVER_ABORTED)).toEqual({
      quotaUs: 50_000,
      periodUs: 100_000,
    });
    expect(await tuning.setCpu(guest, { quotaUs: -1, periodUs: 20_000 }, NEVER_ABORTED)).toEqual({
      quotaUs: -1,
      periodUs: 20_000,
    });
    const after = await tuning.setDisk(guest, 'vda', { total_iops_sec: 100 }, NEVER_ABORTED);
    expect(after).toMatchObject({ total_iops_sec: 100, read_iops_sec: 0 });
    expect(fake.disks['vda']).toEqual({ total_iops_sec: 100 });
  });

  it('says when the guest is gone, and passes on what libvirt refuses', async () => {
    const { guest, tuning, fake } = await connected();
    await expect(tuning.setDisk(guest, 'vdq', {}, NEVER_ABORTED)).rejects.toMatchObject({ kind: 'refused' });
    setup.fake.destroyGuest(fake.name);
    await expect(tuning.setCpu(guest, { quotaUs: 5000 }, NEVER_ABORTED)).rejects.toMatchObject({ kind: 'gone' });
  });

  it('asks about few guests at once, however many are wanted', async () => {
    const { guest, tuning } = await connected();
    const all = await Promise.all(Array.from({ length: 100 }, () => tuning.readDisks(guest, NEVER_ABORTED)));
    expect(all.every((disks) => disks?.length === 1)).toBe(true);
  });

  it('lets those go on that still wait when one gives up', async () => {
    const { guest, tuning } = await connected();
    const gone = AbortSignal.abort(new Error('too late'));
    const calls = Array.from({ length: 12 }, (_, at) => tuning.readCpu(guest, at % 3 === 2 ? gone : NEVER_ABORTED));
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  });
});
