import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../../../src/compose/plugins.ts';
import type { Config } from '../../../src/config/model.ts';
import { runningDaemon, sharedHost } from '../../support/running-daemon.ts';

const METADATA = (limit: number) => `<q:qos xmlns:q="http://ovirt.org/vm/tune/1.0"><q:vcpuLimit>${limit}</q:vcpuLimit>
  <q:ioTune><q:device name="vda"><q:maximum><q:total_iops_sec>300</q:total_iops_sec></q:maximum></q:device></q:ioTune></q:qos>`;

const POLICY = `
(with Guests vm
  (if (< vm.vcpu_user_limit 100)
      { (vm.Control "vcpu_period" 50000) (vm.Control "vcpu_quota" (* vm.vcpu_user_limit 500)) }
      (vm.Control "vcpu_quota" -1)))
(with Guests vm
  (if (valid vm.io_tune)
      (with vm.io_tune disk { (disk.setTotalIopsSec disk.maximum.total_iops_sec) (disk.setReadIopsSec nil) })
      0))`;

const PLUGINS = assemble({
  collectors: ['default', 'guest-cpu-tune', 'guest-io-tune'],
  controllers: ['default', 'cpu-tune', 'io-tune'],
  site: [],
});

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ballast-tuning-'))));
afterEach(() => rm(folder, { recursive: true }));

async function started(changes: Partial<Config> = {}) {
  const host = await sharedHost(folder, [{ name: 'limited', metadata: METADATA(50) }, { name: 'free' }]);
  return runningDaemon(host, POLICY, changes, PLUGINS);
}

describe('a daemon with the collectors and controllers of CPU and disk limits', () => {
  it('sets what the metadata allows, and sets it back at the end', async () => {
    const { fake, until, leave, messages } = await started({ shutdown: 'restore' });
    const { scheduler, disks } = fake.guest('limited');
    await until('the limits are set', () => scheduler.vcpu_quota === 25_000 && disks['vda']?.total_iops_sec === 300);
    expect(scheduler.vcpu_period).toBe(50_000);
    expect(fake.guest('free').scheduler).toEqual({ vcpu_quota: -1, vcpu_period: 100_000 });
    expect(fake.guest('free').disks).toEqual({ vda: {} });
    await leave();
    expect(messages()).toEqual(
      expect.arrayContaining([
        'CPU limit guest:limited vcpu_quota from -1 to 25000',
        'Disk limits guest:limited from vda total_iops_sec=0 to vda total_iops_sec=300',
        'All initial values restored',
      ]),
    );
    expect(scheduler).toEqual({ vcpu_quota: -1, vcpu_period: 100_000 });
    expect(disks['vda']?.total_iops_sec).toBe(0);
  });

  it('writes nothing in a dry run, and records what it would have done', async () => {
    const record = {
      path: join(folder, 'r.jsonl'),
      rotateBytes: 1e9,
      rotateMs: 1e9,
      keep: 1,
      keepMs: 1e9,
      keepBytes: 1e9,
    };
    const { fake, until, leave, messages } = await started({ dryRun: true, record });
    await until('it has decided', () => messages().some((message) => message.includes('vcpu_quota from -1 to 25000')));
    await leave();
    expect(fake.guest('limited').scheduler).toEqual({ vcpu_quota: -1, vcpu_period: 100_000 });
    expect(fake.guest('limited').disks).toEqual({ vda: {} });
    const [header = '', ...lines] = (await readFile(join(folder, 'r.jsonl'), 'utf8')).trim().split('\n');
    expect(JSON.parse(header)).toMatchObject({ guest_fields: expect.arrayContaining(['io_tune', 'vcpu_quota']) });
    expect(lines.join('\n')).toContain('vda total_iops_sec=300');
  });

  it('leaves a guest alone whose metadata cannot be read, and says so', async () => {
    const { fake, until, messages } = await started();
    fake.guest('free').metadata = METADATA(500);
    await until('it is said', () => messages().some((text) => text.includes('no number up to 100')));
    expect(fake.guest('free').scheduler.vcpu_quota).toBe(-1);
    await until('the other is limited', () => fake.guest('limited').scheduler.vcpu_quota === 25_000);
  });
});
