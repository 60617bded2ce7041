import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bedPaths, Guest, startBallast, virsh, waitFor, type RunningProcess } from './support/index.ts';

const QOS = `<ovirt-tune:qos xmlns:ovirt-tune="http://ovirt.org/vm/tune/1.0">
  <ovirt-tune:vcpuLimit>50</ovirt-tune:vcpuLimit>
  <ovirt-tune:ioTune><ovirt-tune:device name="vda">
    <ovirt-tune:maximum><ovirt-tune:total_iops_sec>300</ovirt-tune:total_iops_sec></ovirt-tune:maximum>
  </ovirt-tune:device></ovirt-tune:ioTune>
</ovirt-tune:qos>`;

const POLICY = `
(param share 50%)
(with Guests vm
  (if (and (valid vm.vcpu_user_limit vm.vcpu_count) (< vm.vcpu_user_limit 100))
      { (vm.Control "vcpu_period" 50000)
        (vm.Control "vcpu_quota" (* share 50000)) }
      0))
(with Guests vm
  (if (valid vm.io_tune)
      (with vm.io_tune disk (disk.setTotalIopsSec disk.maximum.total_iops_sec))
      0))
`;

/** A guest whose metadata limits it, and a policy that enforces that. */
describe('the limits of a real guest', () => {
  let guest: Guest;
  let folder: string;
  let ballast: RunningProcess;

  const figures = async (command: string, ...args: string[]): Promise<string> =>
    (await virsh(command, guest.domain, ...args)).replace(/[ \t]*:[ \t]*/g, ': ');
  const scheduler = (): Promise<string> => figures('schedinfo');
  const disk = (): Promise<string> => figures('blkdeviotune', 'vda');

  beforeAll(async () => {
    await mkdir(bedPaths().guests, { recursive: true });
    const swapFile = join(bedPaths().guests, 'tuning.img');
    await writeFile(swapFile, Buffer.alloc(4 * 1024 * 1024));
    await chmod(swapFile, 0o666);
    guest = await Guest.start({ name: 'tuned', memoryMib: 192, statsPeriodS: 1, swapFile, metadata: QOS });
    await guest.waitBooted();
    folder = await mkdtemp(join(bedPaths().temporary, 'tuning-'));
    await writeFile(join(folder, 'limits.policy'), POLICY);
    await writeFile(
      join(folder, 'ballast.yaml'),
      [
        'collect_interval: 1s',
        'policy_interval: 1s',
        `policy: {files: [${join(folder, 'limits.policy')}]}`,
        'collectors: [default, guest-cpu-tune, guest-io-tune]',
        'controllers: [cpu-tune, io-tune]',
        `record: {path: ${join(folder, 'run.jsonl.gz')}}`,
        'shutdown: restore',
      ].join('\n'),
    );
    expect(await scheduler()).toMatch(/vcpu_quota: (-1|1844\d+)/);
    ballast = startBallast(['run', '--config', join(folder, 'ballast.yaml')]);
  });

  afterAll(() => guest.destroy());

  test('are what the policy requests', async () => {
    await waitFor('the quota', 60_000, async () => (await scheduler()).includes('vcpu_quota: 25000'));
    expect(await scheduler()).toContain('vcpu_period: 50000');
    await waitFor('the limit of the disk', 60_000, async () => (await disk()).includes('total_iops_sec: 300'));
    expect(ballast.stderr.join('\n')).toMatch(/CPU limit guest:ballast-test-tuned vcpu_quota from -1 to 25000/);
    expect(ballast.stderr.join('\n')).toMatch(
      /Disk limits guest:ballast-test-tuned from vda total_iops_sec=0 to vda total_iops_sec=300/,
    );
    expect(await guest.alive()).toBe(true);
  });

  test('are set again when somebody else has removed them', async () => {
    await virsh('blkdeviotune', guest.domain, 'vda', '--total-iops-sec', '0', '--live');
    await waitFor('the limit of the disk', 60_000, async () => (await disk()).includes('total_iops_sec: 300'));
  });

  test('are gone again after the exit', async () => {
    ballast.kill('SIGTERM');
    expect(await ballast.exit).toMatchObject({ code: 0 });
    expect(await scheduler()).toMatch(/vcpu_quota: (-1|1844\d+)/);
    expect(await scheduler()).toContain('vcpu_period: 100000');
    expect(await disk()).toContain('total_iops_sec: 0');
  });
});
