import { defineConfig } from 'vitest/config';

// For scripts/test-host.ts alone, which runs this in the test bed.
export default defineConfig({
  test: {
    include:
      process.env['BALLAST_MAKE_DEMO'] === undefined
        ? ['test/real-host/**/*.test.ts']
        : ['test/recordings/make-demo.ts'],
    globalSetup: ['test/support/built-command.ts', 'test/real-host/support/start-libvirtd.ts'],
    setupFiles: ['test/real-host/support/clean-up.ts'],
    // `npm run test:faults` runs these: they take half an hour.
    exclude: process.env['BALLAST_FAULT_ROWS'] === undefined ? ['test/real-host/faults/**'] : [],
    // One KSM, one libvirtd, few CPUs.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 360_000,
    // Root must not leave files of its own in a checkout that belongs to somebody else.
    cache: false,
  },
});
