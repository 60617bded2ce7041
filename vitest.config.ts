import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const cores = availableParallelism();
// One more than there are cores: some tests wait.
const workers = cores + 1;

// Three projects: `vitest run --project unit` runs one of them. The tests in test/real-host need root, libvirt and QEMU:
// `npm run test:host` runs them, with vitest.host.config.ts.
export default defineConfig({
  test: {
    setupFiles: ['test/support/seed.ts'],
    // Correctness is judged here, never speed: the limits only stop a hang.
    testTimeout: 60_000,
    // A golden file that is missing is a failure; `npx vitest run FILE -u` writes it.
    update: 'none',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          // The files of a worker share their modules, which saves most of the time. A test that changes the process (its time
          // zone, its user) or starts the program is a test of `process`.
          pool: 'threads',
          isolate: false,
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          globalSetup: ['test/support/built-command.ts'],
          pool: 'forks',
          // Most of these tests wait for programs, not for a core.
          maxWorkers: 3 * cores,
          // After the others, so that time limits are not reached for lack of a core.
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
