import { KsmServices } from '../../host/ksm-services.ts';
import type { Host } from '../../ports/host.ts';
import { forEachConcurrent } from '../../support/concurrent.ts';
import type { KsmWriter } from '../facts.ts';

/** Processes that write KSM settings, by the command name that the kernel shows. */
const COMMANDS: ReadonlySet<string> = new Set(['ksmtuned', 'momd']);

/** A host has fewer; more are not read. */
const MAX_PROCESSES = 100_000;

const READERS = 32;

/**
 * ksmtuned and MOM, as services and as processes that were started by hand.
 * @throws HostFileError
 */
export async function ksmWriters(host: Host): Promise<readonly KsmWriter[]> {
  const services = ((await new KsmServices(host).running(0)) ?? '').split(' ').filter(Boolean);
  const found = services.map((service) => ({ name: service, service, pid: null }));
  const processes = await ksmProcesses(host);
  // One line for each program: the processes of a service are not listed again.
  const isListed = (command: string): boolean =>
    services.some((service) => service === command || (command === 'momd' && service === 'mom-vdsm'));
  return [...found, ...processes.filter(({ name }) => !isListed(name))];
}

async function ksmProcesses(host: Host): Promise<readonly KsmWriter[]> {
  const pids = ((await host.list('/proc')) ?? []).filter((name) => /^\d{1,10}$/.test(name)).slice(0, MAX_PROCESSES);
  const found: KsmWriter[] = [];
  await forEachConcurrent(pids, { limit: READERS }, async (pid) => {
    const name = (await host.readText(`/proc/${pid}/comm`))?.trim() ?? '';
    if (COMMANDS.has(name)) found.push({ name, service: null, pid: Number(pid) });
  });
  return found.sort((a, b) => a.pid! - b.pid!);
}
