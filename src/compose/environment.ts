import { hostname } from 'node:os';
import type { Config } from '../config/model.ts';
import { directoriesOf } from '../config/directories.ts';
import { kernelFiles } from '../host/kernel-files.ts';
import { systemClock } from '../host/system-clock.ts';
import { LibvirtHypervisor } from '../libvirt/libvirt.ts';
import { stopReason } from '../daemon/stop-file.ts';
import type { Environment } from '../daemon/environment.ts';

/**
 * The environment of the real daemon: kernel files, libvirt and clock of this host.
 * @param userRuntime the user's `XDG_RUNTIME_DIR`; undefined: unset
 */
export function realEnvironment(config: Config, userRuntime?: string): Environment {
  const host = kernelFiles(config.hostRoot);
  const directories = directoriesOf(config, userRuntime);
  const { uri, socket, callTimeoutMs, chunkSize, statsPeriodS } = config.libvirt;
  const hypervisor = new LibvirtHypervisor({
    uri,
    ...(socket !== null && { socketPath: socket }),
    callTimeoutMs,
    intervalMs: config.collectIntervalMs,
    chunkSize,
    // A dry run must not change anything, including the guests' statistics periods.
    statsPeriodS: config.dryRun ? 0 : statsPeriodS,
    host,
    stateDirectory: directories.runtime,
    stopped: () => stopReason(directories.stopFile),
    ...(userRuntime !== undefined && { runtimeDirectory: userRuntime }),
    clock: systemClock,
  });
  return { host, hypervisor, clock: systemClock, hostProps: { name: hostname() }, userRuntime };
}
