import { join } from 'node:path';

/** What the runner tells the tests about the bed they are in. */
export interface BedPaths {
  /** Private to each guest: console log, sockets. */
  readonly guests: string;
  readonly temporary: string;
  readonly kernel: string;
  readonly initramfs: string;
}

/** Throws when this is not run by `npm run test:host`. */
export function bedPaths(): BedPaths {
  const { BALLAST_TEST_BED: bed, BALLAST_TEST_KERNEL: kernel, BALLAST_TEST_INITRAMFS: initramfs } = process.env;
  if (bed === undefined || kernel === undefined || initramfs === undefined) {
    throw new Error('The real-host tests run in their own test bed only: sudo npm run test:host [-- FILE…]');
  }
  return { guests: join(bed, 'guests'), temporary: join(bed, 'tmp'), kernel, initramfs };
}
