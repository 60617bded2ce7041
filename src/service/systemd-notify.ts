import { execFile } from 'node:child_process';

/** A program that takes longer is ended, milliseconds. It usually takes 25 ms. */
const LIMIT_MS = 5000;

/**
 * Sends notices to systemd. Node.js has no datagram sockets of the unix family, so the program of systemd does it: the unit needs
 * `NotifyAccess=all`.
 * @param notices such as `READY=1`
 * @throws Error that says why they could not be sent
 */
export function systemdNotify(notices: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', [...notices], { timeout: LIMIT_MS, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const why = isMissing ? 'systemd-notify is not installed' : stderr.trim().slice(0, 300) || error.message;
      reject(new Error(why, { cause: error }));
    });
  });
}
