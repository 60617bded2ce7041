import { defineConfig } from 'vitest/config';

// For scripts/test-browser.ts alone, which sees to it that there is a browser.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    // One browser, few CPUs.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Root must not leave files of its own in a checkout that belongs to somebody else.
    cache: false,
  },
});
