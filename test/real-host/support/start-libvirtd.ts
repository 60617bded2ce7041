import { bedPaths } from './bed-paths.ts';
import { libvirtd } from './libvirtd.ts';

/** vitest's global set-up. There is no tear-down: leaving the bed ends the daemon. */
export default async function startLibvirtd(): Promise<void> {
  bedPaths();
  await libvirtd.start();
}
