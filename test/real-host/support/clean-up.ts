import { afterAll, beforeAll } from 'vitest';
import { destroyAllGuests } from './guest.ts';
import { ksm, type KsmSettings } from './ksm.ts';
import { libvirtd } from './libvirtd.ts';

// For each test file: starts libvirtd and destroys all guests before and after it, and restores KSM afterwards. The clean-up
// before it is needed after a file whose process crashed.
let before: KsmSettings;

beforeAll(async () => {
  await libvirtd.start();
  await destroyAllGuests();
  before = await ksm.settings();
});

afterAll(async () => {
  await libvirtd.start();
  await destroyAllGuests();
  await ksm.restore(before);
});
