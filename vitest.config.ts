import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    // These need root, libvirt and QEMU: `npm run test:host` runs them.
    exclude: ['test/real-host/**', '**/node_modules/**'],
    setupFiles: ['test/support/seed.ts'],
    // Correctness is judged here, never speed: the limits only stop a hang.
    testTimeout: 60_000,
    // A golden file that is missing is a failure; `npx vitest run FILE -u` writes it.
    update: 'none',
  },
});
