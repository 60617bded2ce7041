import { describe, expect, it } from 'vitest';
import { ioTune } from '../../../controllers/io-tune.ts';
import type { PolicyScalar } from '../../../src/model/control.ts';
import type { DiskLimits } from '../../../src/model/disk-tuning.ts';
import type { Hypervisor } from '../../../src/ports/hypervisor.ts';
import { fixtureHost, NEVER_ABORTED } from '../../support/kernel.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';
import { controllerContext, inputOf, planOf, requestOf } from '../../support/planning.ts';

const NOW = 'vda total_bytes_sec=0 read_bytes_sec=0 total_iops_sec=0; vdb read_iops_sec=500 total_iops_sec=0';
const planFor = (value: PolicyScalar, now: string | null = NOW) =>
  planOf(ioTune, [requestOf('io_tune', value, 1)], inputOf({}, [{ samples: [{ io_tune_current: now }] }]));

describe('planning disk limits', () => {
  it('plans one change of all disks that differ, with nothing else', () => {
    expect(planFor('vda total_iops_sec=1000 total_bytes_sec=0; vdb read_iops_sec=400').actions).toMatchObject([
      {
        from: 'vda total_iops_sec=0; vdb read_iops_sec=500',
        to: 'vda total_iops_sec=1000; vdb read_iops_sec=400',
        message:
          'Disk limits guest:guest-1 from vda total_iops_sec=0; vdb read_iops_sec=500 to vda total_iops_sec=1000; vdb read_iops_sec=400',
      },
    ]);
    expect(planFor(NOW)).toMatchObject({ actions: [], held: [{ kind: 'unchanged' }] });
    expect(planFor('')).toMatchObject({ actions: [], held: [{ kind: 'unchanged' }] });
  });

  it('accepts a total in place of the limits that it replaces', () => {
    expect(planFor('vdb read_iops_sec=0 total_iops_sec=900').actions).toHaveLength(1);
  });

  it.each([
    [5, 'io_tune must be a text; the policy requested 5'],
    ['vda total_iops=5', '"total_iops=5" is not a limit such as total_iops_sec=1000'],
    ['vdc total_iops_sec=100', 'the guest has no disk vdc with known limits; it has vda, vdb'],
    ['vda total_iops_sec=9', 'vda: total_iops_sec must be 0 (no limit) or 10 to 1000000000000000, found 9'],
    ['vda total_bytes_sec=1', 'vda: total_bytes_sec must be 0 (no limit) or 65536 to'],
    ['vda total_bytes_sec=-1', 'found -1'],
    ['vda total_bytes_sec=1e16', 'found 10000000000000000'],
    ['vda read_bytes_sec=70000.5', 'found 70000.5'],
    ['vdb total_iops_sec=100', 'total_iops_sec cannot be combined with read_iops_sec or write_iops_sec'],
  ])('holds back %j', (value, why) => {
    const { actions, held } = planFor(value);
    expect(actions).toEqual([]);
    expect(held).toMatchObject([{ kind: 'held', why: expect.stringContaining(why) }]);
  });

  it('needs the collector', () => {
    expect(planFor('vda total_iops_sec=100', null).held[0]?.why).toContain(
      'is the collector guest-io-tune in the config?',
    );
  });

  it('restores all limits that were found', () => {
    const input = inputOf({}, [{ samples: [{ io_tune_current: NOW }] }]);
    expect(ioTune.values!(input)).toMatchObject([{ control: 'io_tune', value: NOW }]);
  });
});

describe('writing disk limits', () => {
  const [write] = planFor('vda total_iops_sec=1000; vdb read_iops_sec=400').actions;
  const created = (setDisk: (disk: string, limits: DiskLimits) => Promise<DiskLimits>) =>
    ioTune.create(
      controllerContext(fixtureHost('bare'), {
        tuning: { ...NO_TUNING, setDisk: (_: unknown, disk: string, limits: DiskLimits) => setDisk(disk, limits) },
      } as unknown as Hypervisor),
    );

  it('sets each disk and reads it back', async () => {
    const set: unknown[] = [];
    const { apply } = created(async (disk, limits) => (set.push([disk, limits]), { write_iops_sec: 0, ...limits }));
    expect(await apply(write!, NEVER_ABORTED)).toMatchObject({ status: 'done' });
    expect(set).toEqual([
      ['vda', { total_iops_sec: 1000 }],
      ['vdb', { read_iops_sec: 400 }],
    ]);
  });

  it('is refused when a disk has another limit afterwards', async () => {
    const { apply } = created(async (disk, limits) => (disk === 'vdb' ? {} : limits));
    expect(await apply(write!, NEVER_ABORTED)).toMatchObject({
      status: 'refused',
      detail: 'libvirt accepted read_iops_sec=400 for vdb but reports nothing',
    });
  });
});
