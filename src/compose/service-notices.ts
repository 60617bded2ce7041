import type { Config } from '../config/model.ts';
import type { LoggerOf } from '../observe/log/logger.ts';
import { systemdNotify } from '../service/systemd-notify.ts';
import { ServiceNotices } from '../service/service-notices.ts';

/** Notices to systemd about a daemon that it has started. */
export function serviceNotices(
  { watchdogMs }: { readonly watchdogMs: number | null },
  { collectIntervalMs }: Config,
  log: LoggerOf,
): ServiceNotices {
  // systemd counts CLOCK_MONOTONIC, which performance.now() does not.
  const monotonic = () => Number(process.hrtime.bigint()) / 1e6;
  return new ServiceNotices({ send: systemdNotify, watchdogMs, collectIntervalMs, monotonic, log });
}
