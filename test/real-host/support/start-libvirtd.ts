import { bedPaths } from './bed-paths.ts';
import { libvirtd } from './libvirtd.ts';

/** vitest's global setup. No teardown is needed: the daemon ends with the bed. */
export default async function startLibvirtd(): Promise<void> {
  bedPaths();
  await libvirtd.start();
}
