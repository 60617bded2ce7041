import { afterAll, beforeAll } from 'vitest';
import { destroyAllGuests } from './guest.ts';
import { ksm, type KsmSettings } from './ksm.ts';
import { libvirtd } from './libvirtd.ts';

// Around each test file: it begins with a running libvirtd and without guests, and KSM is afterwards what it was before. The look
// before it is for a file whose process died.
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
