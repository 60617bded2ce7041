import { join } from 'node:path';

/** Paths of the test bed, passed by the runner in environment variables. */
export interface BedPaths {
  /** Contains a directory for each guest, with its console log and sockets. */
  readonly guests: string;
  readonly temporary: string;
  readonly kernel: string;
  readonly initramfs: string;
}

/** @throws outside of `npm run test:host` */
export function bedPaths(): BedPaths {
  const { BALLAST_TEST_BED: bed, BALLAST_TEST_KERNEL: kernel, BALLAST_TEST_INITRAMFS: initramfs } = process.env;
  if (bed === undefined || kernel === undefined || initramfs === undefined) {
    throw new Error('The real-host tests run in their own test bed only: sudo npm run test:host [-- FILE…]');
  }
  return { guests: join(bed, 'guests'), temporary: join(bed, 'tmp'), kernel, initramfs };
}
