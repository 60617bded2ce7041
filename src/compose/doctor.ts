import { directoriesOf } from '../config/directories.ts';
import type { Config } from '../config/model.ts';
import { stopReason } from '../daemon/stop-file.ts';
import { diagnose, type Diagnosis } from '../doctor/diagnose.ts';
import { fact } from '../doctor/gather/fact.ts';
import { guestFacts } from '../doctor/gather/guests.ts';
import { hostFacts } from '../doctor/gather/host.ts';
import { ksmRefusal } from '../doctor/gather/permission.ts';
import { kernelFiles } from '../host/kernel-files.ts';
import { systemClock } from '../host/system-clock.ts';
import { LibvirtHypervisor } from '../libvirt/libvirt.ts';

export interface DoctorOptions {
  readonly config: Config;
  /** The user's `XDG_RUNTIME_DIR`. */
  readonly userRuntime: string | undefined;
  /** The Ballast that writes to this host now, in words; null: none. */
  readonly daemon: string | null;
}

/** Gathers what the checks need from this host and its libvirt, and applies them. Changes nothing. */
export async function examine({ config, userRuntime, daemon }: DoctorOptions, stop: AbortSignal): Promise<Diagnosis> {
  const { uri, socket, callTimeoutMs, chunkSize, statsPeriodS } = config.libvirt;
  const host = kernelFiles(config.hostRoot);
  const hypervisor = new LibvirtHypervisor({
    uri,
    ...(socket !== null && { socketPath: socket }),
    ...{ callTimeoutMs, chunkSize, host, clock: systemClock },
    // Neither a period nor a state directory: no guest is changed, and nothing is taken over from a Ballast that was killed.
    statsPeriodS: 0,
    ...(userRuntime !== undefined && { runtimeDirectory: userRuntime }),
  });
  const libraryVersion = (signal: AbortSignal) => hypervisor.libraryVersion(signal);
  const [kernel, ofGuests, stopped, refusal] = await Promise.all([
    hostFacts(host),
    guestFacts({ host, hypervisor, libraryVersion, now: systemClock.now }, stop),
    stopReason(directoriesOf(config, userRuntime).stopFile),
    fact(ksmRefusal(config.hostRoot)),
  ]);
  return diagnose({
    configured: {
      dryRun: config.dryRun,
      controlsKsm: config.controllers.includes('ksm'),
      controlsBalloons: config.controllers.includes('balloon'),
      statsPeriodS,
    },
    ...{ daemon, stopped, ksmRefusal: refusal, ...kernel, ...ofGuests },
    uid: process.getuid?.() ?? 0,
    nodeVersion: process.version,
  });
}
