import { command } from '../bed/command.ts';
import { LIBVIRT_URI } from './libvirtd.ts';

/** Longer than any healthy call takes; a QEMU that was stopped keeps virsh waiting for ever. */
const LIMIT_MS = 60_000;

/** Runs virsh against the bed's libvirtd and returns what it printed. Rejects with virsh's own error text. */
export async function virsh(...args: readonly string[]): Promise<string> {
  return (await command('virsh', ['-q', '-c', LIBVIRT_URI, ...args], { signal: AbortSignal.timeout(LIMIT_MS) })).trim();
}
