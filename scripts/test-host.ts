// `sudo npm run test:host [-- ARGUMENTS OF VITEST]`: the tests against a real libvirtd, real QEMU guests and the kernel's KSM.
// Prepares the machine, runs vitest in the test bed (test/real-host/bed/bed.ts), always dismantles the test bed afterwards, and lists what stays.
import { fileURLToPath } from 'node:url';
import { runBedSession } from '../test/real-host/bed/session.ts';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const config = fileURLToPath(new URL('../vitest.host.config.ts', import.meta.url));

process.exitCode = await runBedSession({
  name: 'test:host',
  commandLine: [process.execPath, vitest, 'run', '--config', config, ...process.argv.slice(2)],
});
