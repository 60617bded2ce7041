/**
 * The helpers for real-host tests. Test files run as root in the test bed (test/real-host/bed/bed.ts), which has its own libvirtd;
 * `qemu:///system`, /run/libvirt and process ids work as on any host. KSM is that of the machine. After each file, all guests are
 * destroyed and KSM is restored. A test that cannot run fails. To run one file: `sudo npm run test:host -- test/real-host/NAME.test.ts`
 *
 *     const host = await HostRoot.create();
 *     const [web, db] = await Guest.startAll([{ name: 'web', memoryMib: 256 }, { name: 'db', memoryMib: 256 }]);
 *     await web.fill(96);                       // the guest's demand: 96 MiB of anonymous memory
 *     await host.setFree(0.05);                 // the host's pressure, as Ballast sees it
 *     const ballast = startBallast(['run', '--config', config]);
 *     await ballast.waitForLine(/Ballooning guest:ballast-test-db from \d+ to \d+/);
 *     await waitFor('db to shrink', 60_000, async () => ((await db.memoryStats()).get('actual') ?? 0) < 262_144);
 *     await libvirtd.restart();                 // or web.sigstop(), db.destroy(), ksm.write('run', 1), RealPressure.hold(512) …
 *     expect(await web.alive()).toBe(true);
 *     expect((await ballast.stop('SIGTERM')).code).toBe(0);
 */
export { agentImage } from './agent-image.ts';
export { bedPaths } from './bed-paths.ts';
export { GuestRefused, GuestSilent } from './control-line.ts';
export { fillDisk } from './full-disk.ts';
export { cheapPausedGuests, destroyAllGuests, Guest, GUEST_PREFIX, pausedGuest, type Content } from './guest.ts';
export type { GuestOptions } from './guest-xml.ts';
export { HostRoot } from './host-root.ts';
export { ksm, type KsmSettings } from './ksm.ts';
export { libvirtd, LIBVIRT_URI } from './libvirtd.ts';
export { waitFor } from './poll.ts';
export { RealPressure } from './real-pressure.ts';
export { virsh } from './virsh.ts';
export { runBallast, startBallast } from '../../support/ballast.ts';
export { start, type Exit, type RunningProcess } from '../../support/process.ts';
