import { startFakeLibvirtd } from '../test/support/fake-libvirtd.ts';

// `fake-libvirtd-process.ts SOCKET GUESTS`: a separate process, so that its CPU time does not count as the daemon's.
const [socketPath, count] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, n) => `guest-${n}`);
await startFakeLibvirtd({
  socketPath: socketPath!,
  guests: names.map((name) => ({ name, maximumKib: 4_194_304, usedKib: 900_000 })),
});
process.send?.('ready');
process.on('disconnect', () => process.exit());
