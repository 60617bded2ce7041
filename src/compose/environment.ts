import { hostname } from 'node:os';
import type { Config } from '../config/model.ts';
import { kernelFiles } from '../host/kernel-files.ts';
import { systemClock } from '../host/system-clock.ts';
import { LibvirtHypervisor } from '../libvirt/libvirt.ts';
import type { Environment } from '../daemon/environment.ts';

/** The real ends of the loop: this host's kernel files, its libvirt and its clocks. */
export function realEnvironment(config: Config): Environment {
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
    clock: systemClock,
  });
  return { host, hypervisor, clock: systemClock, hostProps: { name: hostname() } };
}
