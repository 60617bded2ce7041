import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/model.ts';
import { kernelFiles } from '../host/kernel-files.ts';
import { LibvirtHypervisor } from '../libvirt/libvirt.ts';
import type { World } from '../daemon/daemon.ts';

/** The real ends of the loop: this host's kernel files, its libvirt and its clocks. */
export function realWorld(config: Config): World {
  const host = kernelFiles(config.hostRoot);
  const { uri, socket, callTimeoutMs, chunkSize, statsPeriodS } = config.libvirt;
  const hypervisor = new LibvirtHypervisor({
    uri,
    ...(socket !== null && { socketPath: socket }),
    callTimeoutMs,
    chunkSize,
    // A dry run changes nothing at all, the guests' statistics periods included.
    statsPeriodS: config.dryRun ? 0 : statsPeriodS,
    host,
  });
  return {
    host,
    hypervisor,
    now: () => Date.now(),
    clock: () => performance.now(),
    sleep: async (ms, signal) => {
      await delay(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
    },
    hostProps: { name: hostname() },
  };
}
