import { command, CommandError } from './command.ts';

/** Removes the (empty) control groups of test guests that libvirtd had no chance to remove. */
export async function removeGuestCgroups(say: (line: string) => void): Promise<void> {
  try {
    await command('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', '*/qemu-*-ballast-test-*', '-delete']);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(`not all control groups of the test guests could be removed: ${error.message}`);
  }
}
