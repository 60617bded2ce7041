import { command } from '../bed/command.ts';
import { LIBVIRT_URI } from './libvirtd.ts';

/** Longer than any successful call takes; with a stopped QEMU, virsh would wait forever. */
const LIMIT_MS = 60_000;

/** Runs virsh with the bed's libvirtd and returns its output. Rejects with virsh's error message. */
export async function virsh(...args: readonly string[]): Promise<string> {
  return (await command('virsh', ['-q', '-c', LIBVIRT_URI, ...args], { signal: AbortSignal.timeout(LIMIT_MS) })).trim();
}
