import { afterAll, beforeAll, expect, test } from 'vitest';
import { PAGES_AFTER_ADVISOR } from '../../src/host/ksm-knobs.ts';
import { ksm, type KsmSettings } from './support/ksm.ts';

// What the guards of KSM take for granted of the kernel.

let before: KsmSettings;

beforeAll(async () => {
  before = await ksm.settings();
  await ksm.restore({ ...before, advisor_mode: 'none', run: '0' });
});

afterAll(async () => {
  await ksm.restore(before);
});

test('an unmerge leaves 2 in run, and nothing merged', async () => {
  await ksm.write('run', 2);
  expect(await ksm.read('run')).toBe(2);
  expect(await ksm.read('pages_sharing')).toBe(0);
  expect(await ksm.read('ksm_zero_pages')).toBe(0);
});

test('the advisor takes pages_to_scan, and leaves its default behind', async () => {
  await ksm.write('pages_to_scan', 777);
  await ksm.write('advisor_mode', 'scan-time');
  expect(await ksm.read('pages_to_scan')).not.toBe(777);
  await expect(ksm.write('pages_to_scan', 300)).rejects.toThrow('EINVAL');
  await ksm.write('advisor_mode', 'none');
  expect(await ksm.read('pages_to_scan')).toBe(PAGES_AFTER_ADVISOR);
});
