import { command, CommandError } from './command.ts';

/** Removes empty control groups of test guests that a killed libvirtd left behind. */
export async function removeGuestCgroups(log: (line: string) => void): Promise<void> {
  try {
    await command('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', '*/qemu-*-ballast-test-*', '-delete']);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    log(`not all control groups of the test guests could be removed: ${error.message}`);
  }
}
