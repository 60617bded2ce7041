import { appendFile, chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { command } from '../bed/command.ts';
import { cacheDirectory } from '../bed/kernel.ts';
import { apt } from '../bed/packages.ts';
import { bedPaths } from './bed-paths.ts';

const AGENT = 'usr/sbin/qemu-ga';

/**
 * The initramfs of the other guests with the distribution's qemu-ga, which guest-init.sh then starts instead of its own agent.
 * The libraries are those of this machine: QEMU needs the same ones.
 */
export async function agentImage(): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'agent-image-'));
  try {
    const packages = await downloaded();
    const root = join(work, 'root');
    await command('dpkg', ['-x', packages, join(work, 'package')]);
    await place(join(work, 'package', AGENT), join(root, AGENT));
    for (const library of await librariesOf(join(root, AGENT))) await place(library, join(root, library));
    // A second archive after the first one: the kernel unpacks both.
    await command('sh', ['-c', 'find . | cpio --quiet -o -H newc | gzip -1 > ../agent.cpio.gz'], { cwd: root });
    const image = join(bedPaths().guests, 'agent.cpio.gz');
    await mkdir(dirname(image), { recursive: true });
    await writeFile(image, await readFile(bedPaths().initramfs));
    await appendFile(image, await readFile(join(work, 'agent.cpio.gz')));
    return image;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package's file, downloaded once. */
async function downloaded(): Promise<string> {
  const folder = join(cacheDirectory(), 'qemu-guest-agent');
  const find = async (): Promise<string | undefined> => (await readdir(folder)).find((name) => name.endsWith('.deb'));
  await mkdir(folder, { recursive: true });
  if ((await find()) === undefined) await apt(['download', 'qemu-guest-agent'], AbortSignal.timeout(120_000), folder);
  return join(folder, (await find())!);
}

async function librariesOf(program: string): Promise<readonly string[]> {
  const lines = (await command('ldd', [program])).split('\n');
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** Follows symbolic links, as the guest has no others. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, 0o755);
  if ((await stat(to)).size === 0) throw new Error(`${basename(from)} is empty`);
}
