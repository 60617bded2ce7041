import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/model.ts';
import { kernelFiles } from '../host/kernel-files.ts';
import { systemClock } from '../host/system-clock.ts';
import { LibvirtHypervisor } from '../libvirt/libvirt.ts';
import type { Environment } from '../daemon/environment.ts';

/** The environment of the real daemon: kernel files, libvirt and clock of this host. */
export function realEnvironment(config: Config): Environment {
  const host = kernelFiles(config.hostRoot);
  const { uri, socket, callTimeoutMs, chunkSize, statsPeriodS } = config.libvirt;
  const hypervisor = new LibvirtHypervisor({
    uri,
    ...(socket !== null && { socketPath: socket }),
    callTimeoutMs,
    chunkSize,
    // A dry run must not change anything, including the guests' statistics periods.
    statsPeriodS: config.dryRun ? 0 : statsPeriodS,
    host,
    stateDirectory: join(config.hostRoot, 'run/ballast'),
    clock: systemClock,
  });
  return { host, hypervisor, clock: systemClock, hostProps: { name: hostname() } };
}
