import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startBallast } from '../../support/ballast.ts';
import { eventually } from '../../support/eventually.ts';
import { startFakeLibvirtd } from '../../support/fake-libvirtd.ts';
import { at, config, file, messages, stopCleanly } from './support.ts';

const GIB = 1_048_576;
const SMART_SCAN = 'host/sys/kernel/mm/ksm/smart_scan';

test('a daemon that is started after a SIGKILL restores what the first one found', async () => {
  const fake = await startFakeLibvirtd({ socketPath: at('libvirt.sock'), guests: [{ name: 'a' }, { name: 'b' }] });
  onTestFinished(() => fake.stop());
  const smartScan = async () => (await readFile(at(SMART_SCAN), 'utf8')).trim();
  const before = await smartScan();
  await file(
    'halve.policy',
    '(Host.Control "ksm_smart_scan" 0) (with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))\n',
  );
  const args = ['run', '--config', await config(['policy: halve.policy', 'shutdown: restore'])];
  const first = startBallast(args);
  await eventually(async () => {
    expect([...fake.all().map(({ currentKib }) => currentKib), await smartScan()]).toEqual([GIB / 2, GIB / 2, '0']);
  });
  await first.stop('SIGKILL');
  const second = startBallast(args);
  await second.waitForLine(
    /Took over what an earlier Ballast found at first: \d+ KSM settings and the balloons of 2 guests$/,
  );
  await second.waitForLine(/Found at the start: 2 guests are below their maximum: a \(512 MiB of 1 GiB, an earlier/);
  expect((await stopCleanly(second)).code).toBe(0);
  expect(messages(second.stderr)).toContain('INFO - All initial values restored');
  expect([...fake.all().map(({ targetKib }) => targetKib), await smartScan()]).toEqual([GIB, GIB, before]);
});
