import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ballast-migrate-'))));
afterEach(() => rm(folder, { recursive: true }));

async function ballast(...args: string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS)(args);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function migrated(name: string, text: string) {
  const from = join(folder, name);
  await writeFile(from, text);
  const result = await ballast('migrate', from, '-o', join(folder, 'new'));
  return { ...result, from, config: join(folder, 'new', 'ballast.yaml') };
}

describe('ballast migrate', () => {
  it('writes what loads, for ksmtuned', async () => {
    const { code, stdout, from, config } = await migrated(
      'ksmtuned.conf',
      'KSM_SLEEP_MSEC=30\nKSM_NPAGES_MAX=$((25*1000))\n',
    );
    expect(stdout).toBe(
      `${from}:1: KSM_SLEEP_MSEC=30  → policy.parameters.KSM_SLEEP_MSEC: 30, but ksmd never sleeps less than 10 ms\n` +
        `${from}:2: KSM_NPAGES_MAX=$((25*1000))  → policy.parameters.KSM_NPAGES_MAX: 25000pages\n` +
        `2 settings, all have an equivalent. Wrote ${folder}/new/ksmtuned.policy, ${config}\n` +
        `Next: ballast check --config ${config}\n`,
    );
    expect(code).toBe(0);
    expect(await ballast('check', '-c', config)).toMatchObject({ code: 0 });
    expect((await ballast('params', '-c', config)).stdout).toMatch(/KSM_NPAGES_MAX +25000pages/);
  });

  it('writes what loads, for a ksmtuned.conf as it is installed', async () => {
    const { code, config } = await migrated('ksmtuned.conf', '# the defaults:\n# KSM_SLEEP_MSEC=10\n# DEBUG=1\n');
    expect(code).toBe(0);
    expect(await ballast('check', '-c', config)).toMatchObject({ code: 0 });
  });

  it('writes what loads, for MOM with policies for CPU and disks', async () => {
    await mkdir(join(folder, 'mom.d'));
    const cpu = '(with Guests vm (if (valid vm.vcpu_quota) (vm.Control "vcpu_quota" -1) 0))';
    await writeFile(join(folder, 'mom.d', '04-cpu.policy'), cpu);
    const disks = '(with Guests vm (if (valid vm.io_tune) (with vm.io_tune d (d.setReadIopsSec 0)) 0))';
    await writeFile(join(folder, 'mom.d', '05-io.policy'), disks);
    const { code, stdout, config } = await migrated(
      'momd.conf',
      '[main]\ncontrollers: Balloon, CpuTune, IoTune\npolicy-dir: mom.d\nrpc-port: 5\n[guest]\ncollectors: GuestCpuTune, GuestIoTune\n',
    );
    expect(stdout).toContain(':4: rpc-port: 5  → control.mom_rpc: 127.0.0.1:5;');
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'new', '04-cpu.policy'), 'utf8')).toBe(cpu);
    expect(await ballast('check', '-c', config)).toMatchObject({ code: 0 });
  });

  it('writes what loads, for MOM without a policy', async () => {
    const { code, config } = await migrated('momd.conf', '[main]\ncontrollers: Balloon, KSM\n');
    expect(code).toBe(0);
    expect(await ballast('check', '-c', config)).toMatchObject({ code: 0 });
  });

  it('writes what loads, for Proxmox', async () => {
    const pve = join(folder, 'pve', 'local');
    await mkdir(join(pve, 'qemu-server'), { recursive: true });
    await writeFile(join(pve, 'config'), 'ballooning-target: 85\n');
    await writeFile(join(pve, 'qemu-server', '100.conf'), 'name: web\nballoon: 512\nshares: 2000\n');
    await writeFile(join(pve, 'qemu-server', '101.conf'), 'name: web\nballoon: 512\nshares: 0\n');
    await writeFile(join(pve, 'qemu-server', '102.conf'), 'name: on\nballoon: 512\nshares: 50000\n');
    const target = join(folder, 'new');
    expect(await ballast('migrate', join(folder, 'pve'), '-o', target)).toMatchObject({ code: 0 });
    expect(await ballast('check', '-c', join(target, 'ballast.yaml'))).toMatchObject({ code: 0 });
  });

  it('overwrites nothing', async () => {
    await mkdir(join(folder, 'new'));
    await writeFile(join(folder, 'new', 'ksmtuned.policy'), 'mine');
    const { code, stderr } = await migrated('ksmtuned.conf', 'DEBUG=1\n');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${folder}/new/ksmtuned.policy exists, and nothing is overwritten; give another folder\n`,
    });
    expect(await readFile(join(folder, 'new', 'ksmtuned.policy'), 'utf8')).toBe('mine');
  });

  it.each([
    ['hello\n', /is neither a momd\.conf \(.*\) nor a ksmtuned\.conf/],
    ['[main]\npolicy: gone.policy\n', /gone\.policy cannot be read: there is no such file/],
    ['[main]\npolicy-dir: gone\n', /gone cannot be read: there is no such file/],
    [`DEBUG=1\n${'#'.repeat(300_000)}`, /is larger than 256 KiB/],
    ['DEBUG=\u0000\n', /:1: control characters/],
  ])('says what is wrong, and writes nothing: %.20j', async (text, message) => {
    const { code, stderr, config } = await migrated('x.conf', text);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    await expect(readFile(config)).rejects.toThrow('ENOENT');
  });

  it('reports as JSON', async () => {
    const from = join(folder, 'k.conf');
    await writeFile(from, 'KSM_THRES_COEF=30\n');
    const { stdout } = await ballast('migrate', from, '-o', join(folder, 'new'), '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      settings: [{ line: 1, kind: 'moved', what: 'policy.parameters.KSM_THRES_COEF: 30' }],
    });
  });

  it('says that a folder is no Proxmox', async () => {
    expect((await ballast('migrate', folder, '-o', join(folder, 'new'))).stderr).toContain(
      'is no configuration of Proxmox VE',
    );
  });
});
