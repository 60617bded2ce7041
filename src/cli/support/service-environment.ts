/** What systemd told this process in its environment. */
export interface ServiceEnvironment {
  /** The longest time between two signs of life, milliseconds; null: none are wanted. */
  readonly watchdogMs: number | null;
}

/**
 * Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` as sd_notify(3) and sd_watchdog_enabled(3) define them.
 * @param pid of this process: the watchdog of another one is not ours
 * @returns undefined when no service manager waits for notices
 */
export function serviceEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): ServiceEnvironment | undefined {
  if (!env['NOTIFY_SOCKET']) return undefined;
  const [wanted = '', whose] = [env['WATCHDOG_USEC'], env['WATCHDOG_PID']];
  const isOurs = whose === undefined || whose === '' || whose === String(pid);
  const watchdogMs = isOurs && /^\d{1,15}$/.test(wanted) ? Math.floor(Number(wanted) / 1000) : 0;
  return { watchdogMs: watchdogMs > 0 ? watchdogMs : null };
}
